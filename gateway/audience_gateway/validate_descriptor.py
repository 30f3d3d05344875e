"""Registers the descriptor of buf/validate/validate.proto, to which our generated code refers.

It comes from the installed protovalidate wheel, so that no wheel of ours holds a package `buf`.
"""

from __future__ import annotations

import protovalidate
from google.protobuf import descriptor_pb2, descriptor_pool, duration_pb2, field_mask_pb2, timestamp_pb2

_NAME = "buf/validate/validate.proto"

# The file depends on these; importing them has registered them.
_DEPENDENCIES = (descriptor_pb2, duration_pb2, field_mask_pb2, timestamp_pb2)


def _register() -> None:
    pool = descriptor_pool.Default()
    try:
        pool.FindFileByName(_NAME)
    except KeyError:
        pool.AddSerializedFile(protovalidate.FieldPathPb.desc().file.proto.to_binary())


_register()
