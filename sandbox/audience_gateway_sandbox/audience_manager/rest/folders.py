"""`/folders/traits` and `/folders/segments` (audience-manager 1.3, 1.4)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from http import HTTPStatus
from typing import Any

from aiohttp import web

from audience_gateway_sandbox.audience_manager.objects import ROOT, Folder, Segment, Trait
from audience_gateway_sandbox.audience_manager.rest.api import Api
from audience_gateway_sandbox.audience_manager.rest.bodies import Body, json_object
from audience_gateway_sandbox.audience_manager.rest.errors import conflict, malformed, not_found
from audience_gateway_sandbox.audience_manager.rest.queries import in_path
from audience_gateway_sandbox.audience_manager.rest.references import check_room, usage_limit
from audience_gateway_sandbox.audience_manager.rest.singles import deleted, single
from audience_gateway_sandbox.audience_manager.store import Table

_BODY = Body(Folder, ["name", "parent_folder_id"], ["name"], ["name"])


class Folders:
    """Answers what is asked of the folders of one kind.

    Args:
        api: what all resources share.
        table: the folders.
        contents: what is in them.
        root_name: name of the folder that all others are in.
    """

    def __init__(self, api: Api, table: Table[Folder], contents: Table[Trait] | Table[Segment], root_name: str) -> None:
        self._api, self._table, self._contents = api, table, contents
        self._root = Folder(folder_id=ROOT, name=root_name, parent_folder_id=ROOT)

    async def list(self, _: web.Request) -> web.Response:
        """Tell the tree: an array of its root."""
        return web.json_response([self._tree(self._root, "/", self._table.all())])

    async def create(self, request: web.Request) -> web.Response:
        """Make one."""
        folder = _BODY.new(await json_object(request))
        self._check(folder)
        check_room(self._table.count(), self._api.assumptions.most_folders, "folders")
        return single(request, self._view(self._table.create(folder)), HTTPStatus.CREATED)

    async def read(self, request: web.Request) -> web.Response:
        """Tell one and what is below it."""
        number = in_path(request, "id")
        return single(request, self._view(self._root if number == ROOT else self._found(number)))

    async def update(self, request: web.Request) -> web.Response:
        """Change one, or move it."""
        body = await json_object(request)
        folder = _BODY.changed(self._found(in_path(request, "id")), body)
        self._check(folder)
        self._table.update(folder)
        return single(request, self._view(folder))

    async def delete(self, request: web.Request) -> web.Response:
        """Remove an empty one; that it has to be empty is an assumption."""
        folder = self._found(in_path(request, "id"))
        number = folder.folder_id
        if self._table.count(parent_folder_id=number) or self._contents.count(folder_id=number):
            raise conflict("The folder is not empty: remove or move what is in it first.")
        self._table.delete(number)
        return deleted()

    def _found(self, number: int) -> Folder:
        folder = self._table.get(number)
        if folder is None:
            raise not_found("folder")
        return folder

    def _check(self, folder: Folder) -> None:
        if "/" in folder.name:
            raise malformed("The name of a folder has no slash.", ["name: has a slash"])
        lineage = self._lineage(folder)
        if folder.folder_id and folder.folder_id in {each.folder_id for each in lineage}:
            raise conflict("A folder cannot be moved into itself.")
        below = self._height(self._tree(folder, "/", self._table.all())) if folder.folder_id else 1
        levels = self._api.assumptions.folder_levels
        if len(lineage) + below > levels:
            raise usage_limit(levels, "levels of folders")

    def _lineage(self, folder: Folder) -> Sequence[Folder]:
        """Tell the folders that a folder is in, from the top, without the root. Refuses if one is not there."""
        lineage: list[Folder] = []
        parent = folder.parent_folder_id
        while parent != ROOT and parent not in {each.folder_id for each in lineage}:
            found = self._table.get(parent)
            if found is None:
                raise malformed("parentFolderId is no folder.", ["parentFolderId: is unknown"])
            lineage.insert(0, found)
            parent = found.parent_folder_id
        return lineage

    def _view(self, folder: Folder) -> Mapping[str, Any]:
        if folder.folder_id == ROOT:
            return self._tree(folder, "/", self._table.all())
        path = "/" + "/".join([*(each.name for each in self._lineage(folder)), folder.name])
        return self._tree(folder, path, self._table.all())

    def _tree(self, folder: Folder, path: str, folders: Sequence[Folder]) -> Mapping[str, Any]:
        children = [each for each in folders if each.parent_folder_id == folder.folder_id]
        return {
            "folderId": folder.folder_id,
            "name": folder.name,
            "parentFolderId": folder.parent_folder_id,
            "path": path,
            "folderCount": len(children),
            "subFolders": [self._tree(each, f"{path.rstrip('/')}/{each.name}", folders) for each in children],
        }

    def _height(self, tree: Mapping[str, Any]) -> int:
        return 1 + max((self._height(each) for each in tree["subFolders"]), default=0)
