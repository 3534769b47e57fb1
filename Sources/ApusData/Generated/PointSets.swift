import ApusCore

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

/// Points of the plane in classes, drawn from a seed: small tasks on which networks can be watched.
///
///     let data = try PointSets.moons(count: 1000, noise: 0.1, seed: 1)        // inputs [2], labels 0 and 1
public enum PointSets {
    /// Two half circles that reach into each other.
    ///
    /// - Parameter noise: the deviation of the normal noise on both coordinates
    public static func moons(count: Int, noise: Double = 0.1, seed: UInt64) throws(ApusError) -> Dataset {
        try points("moons", count, classes: 2, noise, seed) { label, random in
            let angle = Double.pi * random.uniform()
            return label == 0 ? (cos(angle), sin(angle)) : (1 - cos(angle), 0.5 - sin(angle))
        }
    }

    /// A circle inside another.
    ///
    /// - Parameter factor: the smaller radius, of 1
    public static func circles(
        count: Int, noise: Double = 0.05, factor: Double = 0.5, seed: UInt64
    ) throws(ApusError) -> Dataset {
        guard factor > 0, factor < 1 else {
            throw ApusError(.value, in: "circles", "a factor of \(factor)", remedy: "use one above 0 and below 1")
        }
        return try points("circles", count, classes: 2, noise, seed) { label, random in
            let (angle, radius) = (2 * Double.pi * random.uniform(), label == 0 ? 1 : factor)
            return (radius * cos(angle), radius * sin(angle))
        }
    }

    /// Round clouds around centres on a circle.
    ///
    /// - Parameters:
    ///   - deviation: of the points from their centre
    ///   - radius: of the circle with the centres
    public static func blobs(
        count: Int, classes: Int = 3, deviation: Double = 1, radius: Double = 5, seed: UInt64
    ) throws(ApusError) -> Dataset {
        guard radius.isFinite else {
            throw ApusError(.value, in: "blobs", "a radius of \(radius)", remedy: "use a finite number")
        }
        return try points("blobs", count, classes: classes, deviation, seed) { label, _ in
            let angle = 2 * Double.pi * Double(label) / Double(classes)
            return (radius * cos(angle), radius * sin(angle))
        }
    }

    /// Arms that wind around each other.
    ///
    /// - Parameter turns: of each arm
    public static func spirals(
        count: Int, classes: Int = 2, turns: Double = 1.5, noise: Double = 0.05, seed: UInt64
    ) throws(ApusError) -> Dataset {
        guard turns > 0, turns <= 1000 else {
            throw ApusError(.value, in: "spirals", "\(turns) turns", remedy: "use a number above 0 of up to 1000")
        }
        return try points("spirals", count, classes: classes, noise, seed) { label, random in
            // Evenly along the arm rather than by angle.
            let radius = random.uniform().squareRoot()
            let angle = 2 * Double.pi * (turns * radius + Double(label) / Double(classes))
            return (radius * cos(angle), radius * sin(angle))
        }
    }

    /// Points of classes in turn, each from its own part of the random numbers.
    private static func points(
        _ name: String, _ count: Int, classes: Int, _ noise: Double, _ seed: UInt64,
        _ point: (Int, inout RandomSource) -> (Double, Double)
    ) throws(ApusError) -> Dataset {
        guard (1...1 << 28).contains(count), (1...1 << 16).contains(classes), noise >= 0, noise.isFinite else {
            throw ApusError(
                .value, in: name, "\(count) points of \(classes) classes with noise \(noise)",
                remedy: "use 1 to 268435456 points, 1 to 65536 classes and a noise of 0 or more")
        }
        var (values, labels): ([Float], [Int32]) = ([], [])
        values.reserveCapacity(2 * count)
        for index in 0..<count {
            var random = RandomSource(seed: seed, element: index)
            let label = index % classes
            let (x, y) = point(label, &random)
            values += [Float(x + noise * random.normal()), Float(y + noise * random.normal())]
            labels.append(Int32(label))
        }
        return try Dataset(
            inputs: Tensor(values, shape: [count, 2]), targets: Tensor(labels, shape: [count]), name: name,
            classNames: (0..<classes).map(String.init))
    }
}
