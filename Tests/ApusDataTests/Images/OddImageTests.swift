import ApusCore
import ApusData
import TestSupport
import Testing

/// The odd and broken pictures of `odd-images`, against what another decoder says of each.
@Suite struct OddImageTests {
    private struct Row {
        let path: String
        let isSound: Bool
        let mode: Substring
        let width: Int?
        let height: Int?
        let means: [Double]
    }

    private func rows() throws -> [Row] {
        guard let path = SharedFiles.path("odd-images/EXPECTED.tsv") else { return [] }
        let text = String(decoding: try ByteSource(path: path).bytes(), as: UTF8.self)
        return text.split(separator: "\n").dropFirst().map { line in
            let fields = line.split(separator: "\t", omittingEmptySubsequences: false)
            return Row(
                path: String(fields[0]), isSound: fields[2] == "ok", mode: fields[4], width: Int(fields[5]),
                height: Int(fields[6]), means: fields[9...].compactMap { Double($0) })
        }
    }

    /// Decoded by the other decoder, although the suite it comes from wants it refused: its pixels have a wrong checksum.
    private static let refusedHere: Set<String> = ["pngsuite/xcsn0g01.png"]

    @Test func everyFileEndsAsExpected() throws {
        let rows = try rows()
        var (sound, refused) = (0, 0)
        for row in rows {
            guard let path = SharedFiles.path("odd-images/\(row.path)") else { continue }
            let image: Image
            do throws(ApusError) {
                image = try Image(path: path, upright: false)
            } catch {
                if error.place.hasPrefix("library ") {
                    print("skipped: \(error)")
                    continue
                }
                #expect(!row.isSound || Self.refusedHere.contains(row.path), "\(error)")
                #expect(error.place == "image file \(path)")
                refused += 1
                continue
            }
            #expect(row.isSound, "\(row.path) was not refused")
            sound += 1
            #expect(image.width == row.width && image.height == row.height, "\(row.path)")
            // The other decoder clips the values of 16-bit greys.
            guard row.mode != "I;16", row.mode != "I" else { continue }
            let rgb = image.rgb()
            for (channel, mean) in row.means.enumerated() {
                var sum = 0
                for index in stride(from: channel, to: rgb.pixels.count, by: 3) { sum += Int(rgb.pixels[index]) }
                let own = Double(sum) / Double(rgb.width * rgb.height)
                #expect(abs(own - mean) < 1.5, "\(row.path), channel \(channel) of \(row.mode)")
            }
        }
        print("\(sound) odd pictures decoded, \(refused) refused")
        #expect(rows.isEmpty || sound + refused > 0)
    }
}
