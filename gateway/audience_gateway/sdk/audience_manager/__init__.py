"""Audience Manager's files: names, lines and control files of what it takes in and gives out.

Campaign, the People core service and Audience Manager exchange audiences in them, so that several plugins share them.
"""
