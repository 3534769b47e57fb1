import ApusCore
import ApusData
import TestSupport
import Testing

@Suite struct GiantImageTests {
    /// A picture in a small file that claims to be giant is refused before memory is taken.
    @Test func giantsAreRefused() throws {
        let bmp: [UInt8] =
            Array("BM".utf8) + [0, 0, 0, 0, 0, 0, 0, 0, 54, 0, 0, 0, 40, 0, 0, 0, 0, 0, 1, 0, 0, 1, 0, 0]
        let rest: [UInt8] = [1, 0, 24, 0] + [UInt8](repeating: 0, count: 24)
        let error = refusal { _ = try Image(decoding: bmp + rest) }
        #expect(error?.problem == "65536 x 256 pixels of 24 bits take 50331648 bytes, but 0 follow (byte 54)")
        let pnm = refusal { _ = try Image(decoding: Array("P6 9000 9000 255\n12".utf8)) }
        #expect(pnm?.problem == "9000 x 9000 pixels take 243000000 bytes or more, but 2 follow (byte 17)")
        let gif: [UInt8] =
            Array("GIF89a".utf8) + [255, 255, 255, 255, 0, 0, 0, 0x2c, 0, 0, 0, 0, 255, 255, 255, 255, 0, 2, 0, 0x3b]
        #expect(
            refusal { _ = try Image(decoding: gif) }?.problem
                == "its size is 65535 x 65535, but 100000000 pixels are the most allowed")
    }
}
