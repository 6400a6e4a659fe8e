#!/usr/bin/python3
# Stands for the dialog of a desktop: says yes to every program that asks the camera portal.
from gi.repository import Gio, GLib

INTERFACE = """<node><interface name="org.freedesktop.impl.portal.Access">
<method name="AccessDialog">
<arg type="o" direction="in"/><arg type="s" direction="in"/><arg type="s" direction="in"/>
<arg type="s" direction="in"/><arg type="s" direction="in"/><arg type="s" direction="in"/>
<arg type="a{sv}" direction="in"/><arg type="u" direction="out"/><arg type="a{sv}" direction="out"/>
</method></interface></node>"""
YES = GLib.Variant("(ua{sv})", (0, {}))


def answer(_connection, _sender, _path, _interface, _method, _arguments, invocation):
    invocation.return_value(YES)


def register(connection, _name):
    interface = Gio.DBusNodeInfo.new_for_xml(INTERFACE).interfaces[0]
    connection.register_object("/org/freedesktop/portal/desktop", interface, answer, None, None)


Gio.bus_own_name(
    Gio.BusType.SESSION,
    "org.freedesktop.impl.portal.desktop.test",
    Gio.BusNameOwnerFlags.NONE,
    register,
    None,
    None,
)
GLib.MainLoop().run()
