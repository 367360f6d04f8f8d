"""totp: RFC 6238, written anew"""
import base64
import hashlib
import hmac
import struct


def totp(secret, at):
    digest = hmac.new(base64.b32decode(secret), struct.pack('>Q', int(at) // 30), hashlib.sha1).digest()
    start = digest[19] & 15
    return '%06d' % ((struct.unpack('>I', digest[start:start + 4])[0] & 0x7fffffff) % 1000000)
