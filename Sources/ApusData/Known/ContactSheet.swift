import ApusCore

/// Pictures beside and below each other.
public enum ContactSheet {
    /// One picture of many, each fitted into a square cell without changing its proportions, on grey.
    ///
    /// - Parameters:
    ///   - columns: cells a row
    ///   - cell: pixels of a cell's side
    public static func image(of images: [Image], columns: Int = 8, cell: Int = 96) throws(ApusError) -> Image {
        guard !images.isEmpty, (1...64).contains(columns), (8...1024).contains(cell), images.count <= 4096 else {
            throw ApusError(
                .value, in: "contact sheet", "\(images.count) pictures, \(columns) a row, in cells of \(cell)",
                remedy: "give 1 to 4096 pictures, 1 to 64 a row, and cells of 8 to 1024 pixels")
        }
        let gap = 4
        let across = min(columns, images.count)
        let down = (images.count + columns - 1) / columns
        let (width, height) = (across * (cell + gap) + gap, down * (cell + gap) + gap)
        var pixels = [UInt8](repeating: 128, count: width * height * 3)
        for (index, image) in images.enumerated() {
            let scale = Double(cell) / Double(max(image.width, image.height))
            let size = (
                max(1, Int((Double(image.width) * scale).rounded())),
                max(1, Int((Double(image.height) * scale).rounded()))
            )
            let fitted = try image.resized(width: size.0, height: size.1).rgb()
            let left = index % columns * (cell + gap) + gap + (cell - size.0) / 2
            let top = index / columns * (cell + gap) + gap + (cell - size.1) / 2
            for row in 0..<size.1 {
                let (from, to) = (row * size.0 * 3, ((top + row) * width + left) * 3)
                for offset in 0..<size.0 * 3 { pixels[to + offset] = fitted.pixels[from + offset] }
            }
        }
        return try Image(width: width, height: height, channels: 3, pixels: pixels)
    }
}
