import ApusCore
import ApusData
import TestSupport
import Testing

/// Damaged pictures: an error with the place of the damage, or a picture, but no trap and no hang.
@Suite struct ImageFuzzTests {
    @Test(arguments: [
        "image-rs/bmp/images/Info_R8_G8_B8.bmp", "image-rs/bmp/images/pal8rle.bmp",
        "image-rs/bmp/images/V4_A8_R8_G8_B8.bmp", "image-rs/gif/simple/alpha_gif_a.gif", "pillow/hopper_8bit_plain.pgm",
        "pillow/hopper_16bit.pgm", "image-rs/tga/testsuite/utc24.tga", "pillow/multipage.tiff",
        "pillow/tiff_16bit_RGB.tiff", "pillow/hopper.webp", "jpeg-decoder/mozilla/jpg-size-31x31.jpg",
    ])
    func damageIsNoTrap(_ name: String) throws {
        guard let path = SharedFiles.path("odd-images/\(name)") else { return }
        do throws(ApusError) {
            _ = try Image(path: path)
        } catch {
            print("skipped: \(error)")
            return
        }
        let bytes = try ByteSource(path: path).bytes()
        FuzzRun.check(bytes, rounds: bytes.count > 10_000 ? 60 : 300) { bytes throws(ApusError) in
            _ = try Image(decoding: bytes)
        }
    }

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
            refusal { _ = try Image(decoding: gif) }?.problem == "its first frame ends after 0 of 4294836225 pixels")
    }
}
