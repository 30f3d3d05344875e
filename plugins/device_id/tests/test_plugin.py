from importlib.metadata import entry_points

import pluggy
from audience_gateway_device_id import plugin


class Registry:
    def __init__(self):
        self.id_types = []

    def add_reconciler(self, reconciler, *, contract_version=1):
        self.id_types.append((reconciler.id_type, contract_version))


def test_the_entry_point_leads_to_the_plugin():
    (entry,) = entry_points(group="audience_gateway.plugins", name="device_id")
    assert entry.load() is plugin


def test_the_hook_adds_the_id_type():
    registry = Registry()
    plugins = pluggy.PluginManager("audience_gateway")
    plugins.register(plugin)
    plugins.hook.register_reconcilers(registry=registry)
    assert registry.id_types == [("device_id", 1)]
