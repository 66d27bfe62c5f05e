"""The outgoing feed: what is published, as Atom and JSON Feed for people's readers.

choosing   which articles stand, by the newest event of each
atom       those as Atom (RFC 4287)
jsonfeed   those as JSON Feed 1.1
caching    validators, so that an unchanged feed costs a reader nothing
"""
