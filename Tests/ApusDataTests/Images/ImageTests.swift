import ApusCore
import ApusData
import TestSupport
import Testing

@Suite struct ImageTests {
    static func picture(_ width: Int, _ height: Int, _ channels: Int) throws -> Image {
        let pixels = (0..<width * height * channels).map { UInt8(truncatingIfNeeded: $0 * 37 + $0 / 7) }
        return try Image(width: width, height: height, channels: channels, pixels: pixels)
    }

    @Test(arguments: [1, 3, 4])
    func picturesSurvive(channels: Int) throws {
        let folder = TemporaryFolder()
        let image = try Self.picture(31, 17, channels)
        try image.write(to: folder.file("a.png"))
        #expect(try Image(path: folder.file("a.png")) == image)
        // Without zlib the file is larger and as good.
        let stored = PNG.encode(image) { (_) throws(ApusError) in
            throw ApusError(.resource, in: "library zlib", "missing", remedy: "install it")
        }
        #expect(try PNG.decode(stored) == image)
        let large = try Self.picture(400, 90, channels)
        let plain = PNG.encode(large) { (_) throws(ApusError) in
            throw ApusError(.resource, in: "library zlib", "missing", remedy: "install it")
        }
        #expect(try PNG.decode(plain) == large)
    }

    @Test func impossiblePicturesAreRefused() {
        let none = refusal { _ = try Image(width: 0, height: 2, channels: 3, pixels: []) }
        #expect(none?.problem == "width 0, height 2 and 3 channels make no picture")
        let short = refusal { _ = try Image(width: 2, height: 2, channels: 3, pixels: [1]) }
        #expect(short?.problem == "2 x 2 pixels of 3 channels don't match 1 values")
        let giant = refusal { _ = try Image(width: .max, height: 2, channels: 3, pixels: []) }
        #expect(giant?.problem == "\(Int.max) x 2 pixels of 3 channels don't match 0 values")
        let foreign = refusal { _ = try Image(decoding: Array("XM12".utf8), place: "image file x.bmp") }
        #expect(foreign?.problem == "no kind of picture file begins with the bytes 58 4d 31 32 (byte 0)")
        #expect(refusal { _ = try Image(decoding: []) }?.problem == "it is empty (byte 0)")
    }

    @Test func resizingKeepsFlatAreasAndMeans() throws {
        let flat = try Image(width: 9, height: 7, channels: 3, pixels: [UInt8](repeating: 200, count: 189))
        for (width, height) in [(1, 1), (3, 20), (28, 28), (9, 7)] {
            let resized = try flat.resized(width: width, height: height)
            #expect(resized.pixels == [UInt8](repeating: 200, count: width * height * 3))
        }
        let edge = try Image(width: 4, height: 1, channels: 1, pixels: [0, 0, 200, 200])
        #expect(try edge.resized(width: 2, height: 1).pixels == [29, 171])
        #expect(try edge.resized(width: 8, height: 1).pixels == [0, 0, 0, 50, 150, 200, 200, 200])
        let error = refusal { _ = try edge.resized(width: 0, height: 3) }
        #expect(error?.problem == "the size 0 x 3 is not possible")
        #expect(refusal { _ = try edge.resized(width: .max, height: .max) } != nil)
    }

    @Test func croppingStaysInside() throws {
        let image = try Image(width: 3, height: 2, channels: 1, pixels: [1, 2, 3, 4, 5, 6])
        #expect(try image.cropped(x: 1, y: 1, width: 2, height: 1).pixels == [5, 6])
        #expect(image.croppedToSquare().pixels == [1, 2, 4, 5])
        for (x, y, width, height) in [(2, 0, 2, 1), (-1, 0, 1, 1), (0, 0, 0, 1), (0, Int.max, 1, 1), (1, 0, .max, 1)] {
            let error = refusal { _ = try image.cropped(x: x, y: y, width: width, height: height) }
            #expect(
                error?.problem
                    == "\(width) x \(height) pixels at (\(x), \(y)) are not all in the picture of 3 x 2")
        }
    }

    @Test func channelsChange() throws {
        let red = try Image(width: 1, height: 1, channels: 4, pixels: [255, 0, 0, 9])
        #expect(red.rgb().pixels == [255, 0, 0])
        #expect(red.grayscale().pixels == [76])
        #expect(red.grayscale().rgb().pixels == [76, 76, 76])
        #expect(try red.rgb().withChannels(4).pixels == [255, 0, 0, 255])
        #expect(refusal { _ = try red.withChannels(2) }?.problem == "2 channels are asked for")
        #expect(try red.array().shape == [1, 1, 4])
    }

    /// A picture that was turned and turned back is the one it was.
    @Test func orientationsAreUndone() throws {
        let image = try Self.picture(3, 2, 1)
        for (there, back) in [(1, 1), (2, 2), (3, 3), (4, 4), (5, 5), (6, 8), (7, 7), (8, 6), (9, 9)] {
            #expect(image.turned(by: there).turned(by: back) == image)
        }
        let small = try Image(width: 2, height: 1, channels: 1, pixels: [1, 2])
        #expect(small.turned(by: 6).pixels == [1, 2] && small.turned(by: 6).height == 2)
        #expect(small.turned(by: 8).pixels == [2, 1])
    }
}

@Suite struct PNGTests {
    @Test func damageIsNoTrap() throws {
        let bytes = PNG.encode(try ImageTests.picture(9, 8, 3))
        checkDamage(to: bytes) { _ = try Image(decoding: $0) }
        // With sound checksums damage gets further.
        var damage = Damage(seed: 9)
        for _ in 0..<2000 {
            var mended = damage.damaged(bytes)
            Self.mend(&mended)
            do { _ = try Image(decoding: mended) } catch { #expect(!error.problem.isEmpty) }
        }
    }

    /// Writes the right checksum behind each chunk.
    static func mend(_ bytes: inout [UInt8]) {
        var reader = ByteReader(bytes, at: 8)
        while let length = reader.big32(), let type = reader.take(4), let content = reader.take(length),
            reader.remaining >= 4
        {
            var checksum: [UInt8] = []
            checksum.appendBig(CRC32.zip.checksum(bytes[type.startIndex..<content.endIndex]))
            bytes.replaceSubrange(content.endIndex..<content.endIndex + 4, with: checksum)
            reader = ByteReader(bytes, at: content.endIndex + 4)
        }
    }

    @Test func mistakesAreNamed() throws {
        let sound = PNG.encode(try ImageTests.picture(2, 2, 1))
        func changed(_ change: (inout [UInt8]) -> Void) -> String? {
            var bytes = sound
            change(&bytes)
            Self.mend(&bytes)
            return refusal { _ = try PNG.decode(bytes) }?.problem
        }
        #expect(changed { $0.removeLast(6) } == "it ends in the middle of a chunk (byte \(sound.count - 12))")
        #expect(changed { $0[19] = 0 } == "its size is 0 x 2 (byte 16)")
        #expect(
            changed { $0.replaceSubrange(16..<24, with: [0x7f, 0, 0, 0, 0x7f, 0, 0, 0]) }
                == "its size is 2130706432 x 2130706432, but 100000000 pixels are the most allowed")
        #expect(
            changed { $0[24] = 3 }
                == "colour type 0 with 3 bits, compression 0, filter 0 and interlace 0 is not defined (byte 24)")
        #expect(changed { $0[37] = UInt8(ascii: "X") } == "the chunk \"XDAT\" is not known (byte 33)")
        #expect(changed { $0[25] = 3 } == "its palette has 0 bytes (before byte \(sound.count))")
        var wrong = sound
        wrong[45] ^= 1
        #expect(
            refusal { _ = try PNG.decode(wrong) }?.problem == "the checksum of the chunk \"IDAT\" is wrong (byte 33)")
        #expect(refusal { _ = try PNG.decode([1]) }?.problem == "it does not begin as a PNG file does (byte 0)")
    }

    /// PngSuite: pictures of every colour type, depth and interlacing come in pairs that must look the same.
    @Test func interlacedPicturesEqualPlainOnes() throws {
        for name in [
            "0g01", "0g02", "0g04", "0g08", "0g16", "2c08", "2c16", "3p01", "3p02", "3p04", "3p08", "4a08",
            "4a16", "6a08", "6a16",
        ] {
            guard let plain = SharedFiles.path("odd-images/pngsuite/basn\(name).png"),
                let interlaced = SharedFiles.path("odd-images/pngsuite/basi\(name).png")
            else { return }
            #expect(try Image(path: plain) == Image(path: interlaced), "\(name)")
        }
        for size in 1...9 {
            guard let plain = SharedFiles.path("odd-images/pngsuite/s0\(size)n3p0\(size < 5 ? 1 : 2).png"),
                let interlaced = SharedFiles.path("odd-images/pngsuite/s0\(size)i3p0\(size < 5 ? 1 : 2).png")
            else { return }
            let image = try Image(path: plain)
            #expect(image.width == size && image.height == size)
            #expect(try Image(path: interlaced) == image)
        }
    }

    @Test(arguments: [
        "xc1n0g08", "xc9n2c08", "xcrn0g04", "xcsn0g01", "xd0n2c08", "xd3n2c08", "xd9n2c08", "xdtn0g01", "xhdn0g08",
        "xlfn0g04", "xs1n0g01",
    ])
    func corruptPicturesAreRefused(_ name: String) {
        guard let path = SharedFiles.path("odd-images/pngsuite/\(name).png") else { return }
        #expect(refusal { _ = try Image(path: path) }?.problem.isEmpty == false)
    }
}

@Suite struct JPEGTests {
    /// The mean difference of two pictures' values.
    private func difference(_ one: Image, _ other: Image) -> Double {
        var sum = 0
        for (a, b) in zip(one.pixels, other.pixels) { sum += a > b ? Int(a - b) : Int(b - a) }
        return Double(sum) / Double(one.pixels.count)
    }

    /// What decoding gives, or nil where the library is not installed.
    private func decoded(_ path: String, upright: Bool = true) throws -> Image? {
        do {
            return try Image(path: path, upright: upright)
        } catch {
            guard error.place == "library TurboJPEG" else { throw error }
            #expect(error.remedy.contains("apt install libturbojpeg0"))
            print("skipped: \(error)")
            return nil
        }
    }

    @Test(arguments: [
        "jpeg-decoder/rgb", "jpeg-decoder/grayscale_square", "jpeg-decoder/mozilla/jpg-progressive",
        "jpeg-decoder/mozilla/jpg-gray", "jpeg-decoder/mozilla/jpg-size-31x31", "jpeg-decoder/mozilla/jpg-size-1x1",
        "jpeg-decoder/extraneous-data", "jpeg-decoder/16bit-qtables", "jpeg-decoder/mozilla/jpg-cmyk-1",
    ])
    func pixelsAreThoseOfOtherDecoders(_ name: String) throws {
        guard let path = SharedFiles.path("odd-images/\(name).jpg"),
            let expected = SharedFiles.path("odd-images/\(name).png"), let image = try decoded(path)
        else { return }
        let wanted = try Image(path: expected).rgb()
        #expect(image.width == wanted.width && image.height == wanted.height)
        #expect(difference(image.rgb(), wanted) < 2, "\(name)")
    }

    @Test(arguments: 2...8)
    func photographsAreTurnedUpright(orientation: Int) throws {
        guard let path = SharedFiles.path("odd-images/pillow/hopper_orientation_\(orientation).jpg"),
            let plain = SharedFiles.path("odd-images/pillow/hopper.jpg"), let image = try decoded(path),
            let expected = try decoded(plain)
        else { return }
        #expect(image.width == expected.width)
        #expect(difference(image, expected) < 6)
        #expect(try decoded(path, upright: false) != image)
    }

    @Test(arguments: ["pillow/truncated_jpeg.jpg", "bad-jpeg/max_size.jpg", "bad-jpeg/missing-sof.jpg"])
    func brokenFilesAreRefused(_ name: String) throws {
        guard let path = SharedFiles.path("odd-images/\(name)") else { return }
        #expect(refusal { _ = try Image(path: path) }?.problem.isEmpty == false)
    }

    @Test func damageIsNoTrap() throws {
        guard let path = SharedFiles.path("odd-images/jpeg-decoder/mozilla/jpg-progressive.jpg"),
            try decoded(path) != nil
        else { return }
        let bytes = try ByteSource(path: path).bytes()
        checkDamage(to: bytes, count: 500) { _ = try Image(decoding: $0) }
    }

    @Test func orientationNeedsSense() {
        let exif = Array("Exif\0\0".utf8)
        func photo(_ content: [UInt8]) -> Int {
            var bytes: [UInt8] = [0xff, 0xd8, 0xff, 0xe1]
            bytes.appendBig(UInt16(content.count + exif.count + 2))
            return JPEG.orientation(bytes + exif + content)
        }
        let entry: [UInt8] = [1, 0x12, 0, 3, 0, 0, 0, 1, 0, 6, 0, 0]
        #expect(photo(Array("MM".utf8) + [0, 42, 0, 0, 0, 8, 0, 1] + entry) == 6)
        #expect(photo(Array("MM".utf8) + [0, 42, 0xff, 0xff, 0xff, 0xff, 0, 1] + entry) == 1)
        #expect(photo(Array("MM".utf8) + [0, 42, 0, 0, 0, 8, 0xff, 0xff]) == 1)
        #expect(photo([]) == 1)
        #expect(JPEG.orientation([0xff]) == 1)
        #expect(JPEG.orientation([0xff, 0xd8, 0xff, 0xe1, 0, 0]) == 1)
    }
}
