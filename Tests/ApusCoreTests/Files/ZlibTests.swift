import ApusCore
import TestSupport
import Testing

@Suite struct ZlibTests {
    static let wrappers: [Zlib.Wrapper] = [.raw, .zlib, .gzip]

    @Test(arguments: wrappers)
    func bytesSurvive(_ wrapper: Zlib.Wrapper) throws {
        var damage = Damage(seed: 3)
        for bytes in [
            [], [1], [UInt8](repeating: 5, count: 1_000_000), (0..<200_000).map { _ in UInt8(damage.below(256)) },
        ] {
            let packed = try Zlib.deflate(bytes, wrapper: wrapper)
            #expect(try Zlib.inflate(packed, wrapper: wrapper, limit: 1_000_000, place: "x") == bytes)
        }
    }

    @Test(arguments: wrappers)
    func damageIsNoTrap(_ wrapper: Zlib.Wrapper) throws {
        let packed = try Zlib.deflate(Array("a text that repeats, a text that repeats".utf8), wrapper: wrapper)
        checkDamage(to: packed) { _ = try Zlib.inflate($0, wrapper: wrapper, limit: 10_000, place: "x") }
    }

    @Test func failuresSayWhere() throws {
        let packed = try Zlib.deflate([UInt8](repeating: 5, count: 1000))
        let long = refusal { _ = try Zlib.inflate(packed, limit: 999, place: "file x") }
        #expect(long?.problem == "the compressed data expands to more than 999 bytes")
        let cut = refusal { _ = try Zlib.inflate(Array(packed.dropLast(6)), limit: 1000, place: "file x") }
        #expect(cut?.problem == "the compressed data ends in the middle (byte \(packed.count - 6))")
        let foreign = refusal { _ = try Zlib.inflate([1, 2, 3], limit: 9, place: "file x") }
        #expect(foreign?.problem == "the compressed data is damaged: incorrect header check (compressed byte 2)")
        #expect(foreign?.place == "file x")
    }

    @Test func gzipFilesMayHaveSeveralParts() throws {
        let parts = try Zlib.deflate([1, 2], wrapper: .gzip) + Zlib.deflate([3], wrapper: .gzip)
        #expect(try Zlib.inflate(parts, wrapper: .gzip, limit: 10, place: "x") == [1, 2, 3])
    }

    @Test func missingLibraryNamesItsPackages() {
        let error = refusal {
            _ = try DynamicLibrary("zlib", names: ["libnowhere.so.1"], debian: "zlib1g", homebrew: "zlib")
        }
        #expect(
            error?.description == "library zlib: it is not installed: none of libnowhere.so.1 loads; install it: "
                + "\"apt install zlib1g\" on Debian and Ubuntu, \"brew install zlib\" on macOS")
    }

    @Test func checksumsAreTheStandardOnes() {
        let text = Array("123456789".utf8)
        #expect(CRC32.zip.checksum(text) == 0xcbf4_3926)
        #expect(CRC32.castagnoli.checksum(text) == 0xe306_9283)
        #expect(CRC32.zip.checksum(text[4...], continuing: CRC32.zip.checksum(text[..<4])) == 0xcbf4_3926)
        #expect(adler32(Array("Wikipedia".utf8)) == 0x11e6_0398)
        #expect(adler32([UInt8](repeating: 255, count: 100_000)) == 0x149a_302c)
    }
}
