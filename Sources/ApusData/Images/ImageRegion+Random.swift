#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

extension ImageRegion {
    /// A random part of a picture: from 8 % to all of its area, of sides in the ratio 3:4 to 4:3 (Szegedy et al., CVPR
    /// 2015); all of it if none of ten tries fits.
    ///
    ///     let size = try Image.size(of: bytes)
    ///     let part = ImageRegion.random(width: size.width, height: size.height, using: &random)
    ///     let image = try Image(decoding: bytes, region: part, atLeast: (224, 224))
    ///
    /// - Parameters:
    ///   - width: of the picture in pixels
    ///   - height: of the picture in pixels
    ///   - area: shares of the picture's area
    public static func random(
        width: Int, height: Int, area: ClosedRange<Double> = 0.08...1, using random: inout RandomSource
    ) -> ImageRegion {
        let total = Double(width) * Double(height)
        for _ in 0..<10 {
            let size = total * random.uniform(area)
            let ratio = exp(random.uniform(log(3 / 4.0)...log(4 / 3.0)))
            let sides = ((size * ratio).squareRoot().rounded(), (size / ratio).squareRoot().rounded())
            guard let wide = Int(exactly: sides.0), let tall = Int(exactly: sides.1), wide > 0, tall > 0,
                wide <= width, tall <= height
            else { continue }
            let x = random.integer(below: width - wide + 1)
            return ImageRegion(x: x, y: random.integer(below: height - tall + 1), width: wide, height: tall)
        }
        return ImageRegion(x: 0, y: 0, width: width, height: height)
    }
}
