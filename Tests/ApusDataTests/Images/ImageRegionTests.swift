import ApusCore
import ApusData
import TestSupport
import Testing

/// Parts of pictures, decoded at the size that is needed.
@Suite struct ImageRegionTests {
    private func difference(_ one: Image, _ other: Image) -> Double {
        guard one.width == other.width, one.height == other.height, one.channels == other.channels else { return 999 }
        var sum = 0
        for (a, b) in zip(one.pixels, other.pixels) { sum += a > b ? Int(a - b) : Int(b - a) }
        return Double(sum) / Double(one.pixels.count)
    }

    /// The means of squares of pixels.
    private func means(of image: Image, _ side: Int) throws -> Image {
        let (width, height) = ((image.width + side - 1) / side, (image.height + side - 1) / side)
        var pixels: [UInt8] = []
        for index in 0..<width * height * 3 {
            let (x, y, channel) = (index / 3 % width, index / 3 / width, index % 3)
            var (sum, count) = (0, 0)
            for row in y * side..<min((y + 1) * side, image.height) {
                for column in x * side..<min((x + 1) * side, image.width) {
                    sum += Int(image.pixels[(row * image.width + column) * 3 + channel])
                    count += 1
                }
            }
            pixels.append(UInt8(sum / count))
        }
        return try Image(width: width, height: height, channels: 3, pixels: pixels)
    }

    private var photo: [UInt8]? {
        get throws {
            guard let path = SharedFiles.path("odd-images/jpeg-decoder/rgb.jpg") else { return nil }
            return try ByteSource(path: path).bytes()
        }
    }

    @Test(arguments: [(0, 0, 500, 100), (17, 33, 64, 64), (300, 200, 101, 57), (499, 0, 1, 1)])
    func partsOfPhotographsAreThoseOfTheWhole(x: Int, y: Int, width: Int, height: Int) throws {
        guard let photo = try photo, let whole = try? Image(decoding: photo) else { return }
        let part = ImageRegion(x: x, y: y, width: width, height: height)
        let decoded = try Image(decoding: photo, region: part, atLeast: nil)
        let wanted = try whole.cropped(x: x, y: y, width: width, height: height)
        // Colours at the edges lack their neighbours outside.
        #expect(difference(decoded, wanted) < 1, "\(part)")
    }

    @Test func smallerSizesAreDecodedDirectly() throws {
        guard let photo = try photo, let whole = try? Image(decoding: photo) else { return }
        let size = try Image.size(of: photo)
        #expect(size == (whole.width, whole.height))
        for (least, divisor) in [(60, 8), (100, 4), (200, 2), (300, 1)] {
            let small = try Image(decoding: photo, region: nil, atLeast: (least, 10))
            #expect(small.width == (size.width + divisor - 1) / divisor)
            #expect(difference(small, try means(of: whole, divisor)) < 4, "1/\(divisor)")
        }
        let part = ImageRegion(x: 100, y: 40, width: 240, height: 160)
        let half = try Image(decoding: photo, region: part, atLeast: (120, 80))
        #expect(half.width == 120 && half.height == 80)
        let wanted = try means(of: try whole.cropped(x: 100, y: 40, width: 240, height: 160), 2)
        #expect(difference(half, wanted) < 4)
    }

    @Test(arguments: 1...8)
    func partsOfTurnedPhotographsAreUpright(orientation: Int) throws {
        let name = orientation == 1 ? "hopper" : "hopper_orientation_\(orientation)"
        guard let path = SharedFiles.path("odd-images/pillow/\(name).jpg"), let whole = try? Image(path: path) else {
            return
        }
        let bytes = try ByteSource(path: path).bytes()
        let part = ImageRegion(x: 10, y: 24, width: 70, height: 40)
        let wanted = try whole.cropped(x: 10, y: 24, width: 70, height: 40)
        #expect(difference(try Image(decoding: bytes, region: part, atLeast: nil), wanted) < 1.5)
        let size = try Image.size(of: bytes)
        #expect(size == (whole.width, whole.height))
    }

    @Test func progressiveAndOtherPicturesAreCut() throws {
        let part = ImageRegion(x: 1, y: 2, width: 5, height: 4)
        for name in [
            "jpeg-decoder/mozilla/jpg-progressive.jpg", "jpeg-decoder/mozilla/jpg-cmyk-1.jpg", "pillow/hopper.gif",
        ] {
            guard let path = SharedFiles.path("odd-images/\(name)"), let whole = try? Image(path: path) else { return }
            let decoded = try Image(decoding: ByteSource(path: path).bytes(), region: part, atLeast: (1, 1))
            let wanted = try whole.cropped(x: 1, y: 2, width: 5, height: 4)
            if !name.hasSuffix("jpg") { #expect(decoded == wanted) }
        }
    }

    @Test func partsOutsideAreRefused() throws {
        guard let photo = try photo, (try? Image(decoding: photo)) != nil else { return }
        for part in [
            ImageRegion(x: 0, y: 0, width: 501, height: 1), ImageRegion(x: -1, y: 0, width: 1, height: 1),
            ImageRegion(x: .max, y: 0, width: .max, height: 1), ImageRegion(x: 0, y: 0, width: 0, height: 1),
        ] {
            #expect(
                refusal { _ = try Image(decoding: photo, region: part, atLeast: nil) }?.remedy
                    == "crop inside the picture")
        }
    }
}

@Suite struct WrittenImageTests {
    @Test(arguments: [1, 3, 4])
    func photographsAreWritten(channels: Int) throws {
        let folder = TemporaryFolder()
        let pixels = (0..<40 * 30 * channels).map { UInt8($0 / channels % 40 * 5 + $0 % channels * 9) }
        let image = try Image(width: 40, height: 30, channels: channels, pixels: pixels)
        do throws(ApusError) {
            try image.write(to: folder.file("a.jpg"), quality: 95)
        } catch {
            guard error.place == "library TurboJPEG" else { throw error }
            print("skipped: \(error)")
            return
        }
        let read = try Image(path: folder.file("a.jpg"))
        let wanted = channels == 4 ? image.rgb() : image
        #expect(read.width == 40 && read.height == 30 && read.channels == wanted.channels)
        for (a, b) in zip(read.pixels, wanted.pixels) { #expect(abs(Int(a) - Int(b)) < 12) }
        #expect(try JPEG.encode(image, quality: 5).count < JPEG.encode(image, quality: 95).count)
        #expect(refusal { _ = try JPEG.encode(image, quality: 0) }?.problem == "a quality of 0")
    }
}
