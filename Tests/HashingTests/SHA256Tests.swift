// The examples of FIPS 180-4 and of NIST's test vectors.

import Foundation
import Hashing
import Testing

@Suite struct SHA256Tests {
    @Test(arguments: [
        ("", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"),
        ("abc", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"),
        (
            "abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq",
            "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1"
        ),
    ])
    func `digests are those of the standard`(text: String, digest: String) {
        #expect(SHA256.hash(data: Data(text.utf8)).hexadecimal == digest)
    }

    @Test func `a million letters in pieces of any size give the standard's digest`() {
        let letters = Data(repeating: UInt8(ascii: "a"), count: 1_000_000)
        for size in [1_000_000, 65_536, 997] {
            let hash = SHA256()
            for start in stride(from: 0, to: letters.count, by: size) {
                hash.update(data: letters[start..<min(start + size, letters.count)])
            }
            let digest = hash.finalize()
            #expect(digest.hexadecimal == "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0")
            #expect(Array(digest).count == SHA256.byteCount)
        }
    }
}
