"""Prints a line for each route in an MRT file, as mrtparse reads it: kind, peer, AS, prefix, path, next hop, MED."""

import gzip
import io
import struct
import sys
from mrtparse import Reader


def without_microseconds(content):
    """mrtparse 1.6 fails on BGP4MP_ET (17): such a record is BGP4MP (16) with microseconds after the header."""
    records = []
    while content:
        seconds, kind, subtype, length = struct.unpack('>IHHI', content[:12])
        body = content[12:12 + length]
        if kind == 17:
            kind, body = 16, body[4:]
        records.append(struct.pack('>IHHI', seconds, kind, subtype, len(body)) + body)
        content = content[12 + length:]
    return b''.join(records)


def words(attributes):
    found = {}
    for it in attributes:
        if it.type == 2:
            found['path'] = ' '.join(asn for segment in it.as_path for asn in segment['val'])
        elif it.type == 3:
            found['hop'] = it.next_hop
        elif it.type == 4:
            found['med'] = str(it.med)
    return [found.get(key, '') for key in ('path', 'hop', 'med')]


with (gzip.open if sys.argv[1].endswith('.gz') else open)(sys.argv[1], 'rb') as file:
    content = without_microseconds(file.read())
peers = []
for record in Reader(io.BytesIO(content)):
    mrt = record.mrt
    if mrt.err:
        print('error', mrt.err_msg)
    elif mrt.peer:
        peers = mrt.peer.entry
    elif mrt.rib:
        for entry in mrt.rib.entry:
            peer = peers[entry.peer_index]
            place = '%s/%d' % (mrt.rib.prefix, mrt.rib.plen)
            print('|'.join(['B', peer.ip, peer.asn, place] + words(entry.attr)))
    elif mrt.bgp and mrt.bgp.msg and mrt.bgp.msg.type == 2:
        for nlri in mrt.bgp.msg.nlri or []:
            place = '%s/%d' % (nlri.prefix, nlri.plen)
            print('|'.join(['A', mrt.bgp.peer_ip, mrt.bgp.peer_as, place] + words(mrt.bgp.msg.attr)))
