import ApusCore

extension Dataset {
    /// The samples as pictures with their labels, for transforms and ``Robustness``.
    ///
    /// Inputs are `[height, width]` or `[height, width, channels]`, bytes or numbers from 0 to 1.
    ///
    /// - Parameter indices: of the samples; by default all
    public func pictures(_ indices: [Int]? = nil) throws(ApusError) -> [AnnotatedImage] {
        let extents = inputShape.extents
        guard extents.count == 2 || extents.count == 3 else {
            throw ApusError(
                .shape, in: "data set \(name)", "inputs of shape \(inputShape) are no pictures",
                remedy: "use [height, width] or [height, width, channels]")
        }
        var result: [AnnotatedImage] = []
        for index in indices ?? Array(0..<count) {
            let values = try input(at: index).cast(to: .float32).array(of: Float.self)
            let pixels = values.map { $0 > 0 ? UInt8(min($0 * 255 + 0.5, 255)) : 0 }
            let picture = try Image(
                width: extents[1], height: extents[0], channels: extents.count == 3 ? extents[2] : 1, pixels: pixels)
            result.append(AnnotatedImage(picture, label: label(at: index)))
        }
        return result
    }
}
