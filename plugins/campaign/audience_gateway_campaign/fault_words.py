"""Takes what may be personal out of the text of a fault: only words of error messages stay.

A fault may quote a record: a name, an address, an id, in quotes or not. Nothing in the text tells such a value from
any other word, so the words that may stay are listed instead.
"""

from __future__ import annotations

import re

GAP = "…"
"""Stands for what was taken out."""

_LONGEST = 300
_BRACKETED = (re.compile(r"'[^']*'"), re.compile(r'"[^"]*"'), re.compile(r"\([^()]*\)"), re.compile(r"\[[^\[\]]*\]"))
_NAME = re.compile(r"(?:nms|xtk|ncm|crm|nl):[a-z][A-Za-z]{1,40}")
_MARKS = ".,:;!?-=/"
_LISTED = """
a about abort aborted above accept accepted access account action active activity add added adding address
administrator after again all allow allowed already an and another any application are argument as asked at attempt
attribute audience authorized available bad batch be because been before being below between blocked both build but
by cache call called caller campaign can cancelled cannot case cast category changed character characters check
class client code collection column columns command commit condition configuration conflict connect connection
constraint contact contain contains context conversion convert correct could create created creation cursor
data database datatype date day deadlock declared default defined definition delete deleted deletion delivery
denied destination detail detected different directory disabled disk document does domain done down duplicate
during each element email empty enabled encoding end enough entity entry enum enumeration error errors exceeded
exception exclude excluded execute executed executing execution exist existing exists expected expired expression
external fail failed failure false fatal field fields file filter find folder for foreign format found from full
function generic group has have header host http id identifier if illegal import in inactive incorrect index
inner input insert inserted insertion instance instead insufficient integer integrity internal invalid is it item
its join key keys language large last length level library limit line link list list's load loading local lock
locked log login long lost manager mandatory manual mapping match maximum may member members membership memory
message method minimum missing mode modified module more multiple must name named namespace network new no node
none not null number numeric object occurred of off offset on one only open operand operation operator option
oracle or order organization other out output overflow owner package page parameter parameters parent parse parsed
parser parsing password path pending permission permitted phone please plan pool port postgresql prevented
previous primary privilege privileges problem procedure process processed processing profile property protected
provided public query queue quota range read reading receive received recipient recipients reconnect record
records recursive reference referenced refused registered rejected relation relations remote removed repeated
replication request requested required reserved resource response result retry return returned right rights role
rollback root row rows rule running schema script security select send sent sequence server service session set
should signature size source space specified sql start started state statement status still stop stopped storage
string such support supported syntax system table tables target temporary than that the their there this time timeout
timestamp to token too tracking transaction transition trigger true try two type unable unavailable undefined
unexpected unicity unique uniqueness unit unknown unspecified update updated use used user using valid validation
value values variable version via view violated violates violation wait was were when where which while with
within without work workflow write writing written wrong xml xpath you your zero zone
"""
_WORDS = frozenset(_LISTED.split())


def without_values(text: str) -> str:
    """Write a text with only those of its words that error messages are made of."""
    for bracketed in _BRACKETED:
        text = bracketed.sub(f" {GAP} ", text)
    kept: list[str] = []
    for word in text.split():
        shown = word if _stays(word) else GAP + word[len(word.rstrip(_MARKS)) :]
        if shown != GAP or kept[-1:] != [GAP]:
            kept.append(shown)
    return " ".join(kept)[:_LONGEST]


def _stays(word: str) -> bool:
    bare = word.strip(_MARKS)
    return not bare or bare.lower() in _WORDS or _NAME.fullmatch(bare) is not None
