import ApusCore

extension TestSurface {
    /// All surfaces of this file, with two dimensions where they have any number.
    public static let all: [TestSurface] = [
        bowl(), booth, matyas, canyon(), rosenbrock, beale, plateau(), cliff, saddle, monkeySaddle, himmelblau,
        threeHumpCamel, rastrigin(), styblinskiTang(), sharpAndFlat(),
    ]

    /// `1/2 sum c_i x_i²`: convex.
    ///
    /// - Parameter curvatures: `c`, one for each dimension, above 0
    public static func bowl(_ curvatures: [Double] = [1, 1]) -> TestSurface { quadratic("bowl", .bowl, curvatures) }

    /// `1/2 (x² + ratio y²)`: the gradient points across a long valley. Descent of rate `2 / ratio` and above leaves it.
    public static func canyon(_ ratio: Double = 100) -> TestSurface { quadratic("canyon", .canyon, [1, ratio]) }

    private static func quadratic(_ name: String, _ kind: Kind, _ curvatures: [Double]) -> TestSurface {
        let (ones, zeros) = (curvatures.map { _ in 1.0 }, curvatures.map { _ in 0.0 })
        return TestSurface(
            name, kind: kind, description: "1/2 sum c x² with c = \(curvatures)", start: ones, minima: [zeros],
            minimum: 0, isConvex: curvatures.allSatisfy { $0 >= 0 }
        ) { x in
            (x.square() * Tensor.constant(curvatures, shape: [curvatures.count], dtype: x.dtype)).sum() * 0.5
        }
    }

    /// A surface over the plane.
    private static func plane(
        _ name: String, _ kind: Kind, _ formula: String, start: [Double], minima: [[Double]] = [],
        minimum: Double = -.infinity, isConvex: Bool = false,
        _ function: @escaping @Sendable (_ x: Tensor, _ y: Tensor) -> Tensor
    ) -> TestSurface {
        TestSurface(
            name, kind: kind, description: formula, start: start, minima: minima, minimum: minimum, isConvex: isConvex
        ) { point in
            function(point.slice(axis: 0, 0..<1).reshaped(to: []), point.slice(axis: 0, 1..<2).reshaped(to: []))
        }
    }

    /// `(x + 2y - 7)² + (2x + y - 5)²`: convex.
    public static let booth = plane(
        "booth", .bowl, "(x + 2y - 7)² + (2x + y - 5)²", start: [-4, -4], minima: [[1, 3]], minimum: 0, isConvex: true
    ) { x, y in
        let first: Tensor = x + y * 2 - 7
        let second: Tensor = x * 2 + y - 5
        return first.square() + second.square()
    }

    /// `0.26 (x² + y²) - 0.48 x y`: convex and almost flat along a diagonal.
    public static let matyas = plane(
        "matyas", .bowl, "0.26 (x² + y²) - 0.48 x y", start: [6, 2], minima: [[0, 0]], minimum: 0, isConvex: true
    ) { x, y in
        let squares: Tensor = (x.square() + y.square()) * 0.26
        return squares - x * y * 0.48
    }

    /// `100 (y - x²)² + (1 - x)²`: a bent canyon (Rosenbrock, 1960).
    public static let rosenbrock = plane(
        "rosenbrock", .canyon, "100 (y - x²)² + (1 - x)²", start: [-1.2, 1], minima: [[1, 1]], minimum: 0
    ) { x, y in
        let valley: Tensor = (y - x.square()).square() * 100
        return valley + (1 - x).square()
    }

    /// `(1.5 - x + xy)² + (2.25 - x + xy²)² + (2.625 - x + xy³)²`: flat around, with steep corners (Beale, 1958).
    public static let beale = plane(
        "beale", .plateau, "(1.5 - x + xy)² + (2.25 - x + xy²)² + (2.625 - x + xy³)²", start: [1, 1],
        minima: [[3, 0.5]], minimum: 0
    ) { x, y in
        let first: Tensor = x * y - x + 1.5
        let second: Tensor = x * y.square() - x + 2.25
        let third: Tensor = x * y.square() * y - x + 2.625
        return first.square() + second.square() + third.square()
    }

    /// `1 - exp(-1/2 sum x²)`: so flat far from the minimum that descent stands still.
    public static func plateau(dimensions: Int = 2) -> TestSurface {
        let count = min(max(dimensions, 1), 1 << 16)
        return TestSurface(
            "plateau", kind: .plateau, description: "1 - exp(-1/2 sum x²)", start: Array(repeating: 3, count: count),
            minima: [Array(repeating: 0, count: count)], minimum: 0
        ) { 1 - (($0.square().sum() * -0.5).exp()) }
    }

    /// `(x² + y²) / 10 + 5 sigmoid(40 (x - 1))`: a wall of which one step throws far away (Pascanu et al., 2013).
    public static let cliff = plane(
        "cliff", .cliff, "(x² + y²) / 10 + 5 sigmoid(40 (x - 1))", start: [1.02, 0], minima: [[0, 0]], minimum: 0
    ) { x, y in
        let bowl: Tensor = (x.square() + y.square()) * 0.1
        return bowl + ((x - 1) * 40).sigmoid() * 5
    }

    /// `x² - y²`: flat at the origin, which attracts whatever is exactly on the ridge `y = 0`.
    public static let saddle = plane("saddle", .saddle, "x² - y²", start: [1, 0]) { x, y in x.square() - y.square() }

    /// `x³ - 3 x y²`: three ways down from a point without curvature.
    public static let monkeySaddle = plane("monkeySaddle", .saddle, "x³ - 3 x y²", start: [1, 0]) { x, y in
        x * (x.square() - y.square() * 3)
    }

    /// `(x² + y - 11)² + (x + y² - 7)²`: four minima of the same height (Himmelblau, 1972).
    public static let himmelblau = plane(
        "himmelblau", .manyMinima, "(x² + y - 11)² + (x + y² - 7)²", start: [0, 0],
        minima: [
            [3, 2], [-2.805118086952745, 3.131312518250573], [-3.779310253377747, -3.283185991286170],
            [3.584428340330492, -1.848126526964404],
        ], minimum: 0
    ) { x, y in
        let first: Tensor = x.square() + y - 11
        let second: Tensor = x + y.square() - 7
        return first.square() + second.square()
    }

    /// `2x² - 1.05x⁴ + x⁶/6 + xy + y²`: a minimum between two that are less deep.
    public static let threeHumpCamel = plane(
        "threeHumpCamel", .manyMinima, "2x² - 1.05x⁴ + x⁶/6 + xy + y²", start: [2, -1], minima: [[0, 0]], minimum: 0
    ) { x, y in
        let square = x.square()
        let humps: Tensor = square * 2 - square.square() * 1.05
        return humps + square.square() * square / 6 + x * y + y.square()
    }

    /// `sum (10 + x² - 10 cos 2πx)`: a minimum near each whole point, the lowest at 0 (Rastrigin, 1974).
    public static func rastrigin(dimensions: Int = 2) -> TestSurface {
        let count = min(max(dimensions, 1), 1 << 16)
        return TestSurface(
            "rastrigin", kind: .manyMinima, description: "sum (10 + x² - 10 cos 2πx)",
            start: Array(repeating: 2.2, count: count), minima: [Array(repeating: 0, count: count)], minimum: 0
        ) { x in
            let waves: Tensor = (x * (2 * Double.pi)).cos() * -10
            return (x.square() + waves + 10).sum()
        }
    }

    /// `1/2 sum (x⁴ - 16x² + 5x)`: two minima a dimension, one of them lower (Styblinski and Tang, 1990).
    public static func styblinskiTang(dimensions: Int = 2) -> TestSurface {
        let count = min(max(dimensions, 1), 1 << 16)
        return TestSurface(
            "styblinskiTang", kind: .manyMinima, description: "1/2 sum (x⁴ - 16x² + 5x)",
            start: Array(repeating: 1, count: count), minima: [Array(repeating: -2.903534027771177, count: count)],
            minimum: -39.166165703771415 * Double(count)
        ) { x in
            let square = x.square()
            let wells: Tensor = square.square() - square * 16
            return (wells + x * 5).sum() * 0.5
        }
    }

    /// `1 - exp(-(x + 4)² / 2) - exp(-ratio (x - 4)² / 2)`: two wells of the same depth, of curvature 1 and `ratio`. Large
    /// rates can't stay in the sharp one, and a shift of the surface costs `ratio` times as much there.
    public static func sharpAndFlat(_ ratio: Double = 100) -> TestSurface {
        TestSurface(
            "sharpAndFlat", kind: .sharpAndFlat,
            description: "1 - exp(-(x + 4)² / 2) - exp(-\(ratio) (x - 4)² / 2)", start: [-3], minima: [[-4], [4]],
            minimum: 0
        ) { x in
            let flat: Tensor = ((x + 4).square() * -0.5).exp()
            let sharp: Tensor = ((x - 4).square() * (-0.5 * ratio)).exp()
            return (1 - flat - sharp).sum()
        }
    }
}
