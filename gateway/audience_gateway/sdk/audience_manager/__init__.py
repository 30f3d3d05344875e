"""Audience Manager's files: names, lines and control files of what it takes in and gives out.

Campaign, the People core service and Audience Manager exchange audiences in them, so that several plugins share them.

- `inbound_writing` writes members as inbound files into an `inbound_folders.InboundFolder`; `id_sync_writing` writes
  which ids belong together.
- `outbound_reading` reads a segment's members out of an `outbound_folders.OutboundFolder`; `outbound_batches` finds
  batches, `outbound_completeness` says what one lacks.
- `inbound_names`, `id_sync_names`, `outbound_names` and `inbound_keys` read and write names, `control_files` control
  files; `name_faults` says what is wrong with a name.
- `line_blocks` cuts files into blocks of lines; `inbound_statements`, `inbound_items`, `id_sync_lines` and
  `outbound_lines` read these in columns.
"""
