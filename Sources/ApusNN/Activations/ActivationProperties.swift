import ApusCore

/// What an activation does to drives and gradients, measured on a grid of drives.
///
///     try ActivationFunction.tanh.properties().saturation                 // .both
public struct ActivationProperties: Sendable, Equatable {
    /// Where the slope goes to 0.
    public enum Saturation: String, Sendable {
        case none
        /// For very negative drives.
        case below
        /// For very large drives.
        case above
        case both
    }

    /// The values; ends that are not reached within drives of -1000...1000 are infinite.
    public let range: ClosedRange<Double>
    /// Whether there are values of both signs.
    public let isZeroCentred: Bool
    /// At which ends the slope goes to 0.
    public let saturation: Saturation
    /// The largest magnitude of the slope.
    public let largestSlope: Double
    /// What to know before it is put into a deep network.
    public let risks: [String]
}

extension ActivationFunction {
    /// Measures range, saturation and slopes, of functions of your own, too.
    ///
    /// - Throws: an `ApusError` if an element's value depends on others, as that of softmax does, or is no number
    public func properties() throws(ApusError) -> ActivationProperties {
        // Steps of 1/64 about 0, where slopes change; doubling distances outside.
        let near = (-2048...2048).map { Double($0) / 64 }
        let far = [50.0, 100, 250, 500, 1000]
        let drives = far.reversed().map { -$0 } + near + far
        let x = Tensor(drives, shape: [drives.count, 1])
        let values: [Double] = try self(x).array()
        let beside: [Double] = try self(Tensor.concatenate([x, x * 0 + 1], axis: 1)).array()
        let place = "activation \(name)"
        guard values.count == drives.count, beside.count == 2 * drives.count,
            values.indices.allSatisfy({ values[$0] == beside[2 * $0] || values[$0].isNaN })
        else {
            throw ApusError(
                .unsupported, in: place, "values depend on other elements",
                remedy: "measure functions of single elements")
        }
        guard values.dropFirst(far.count).dropLast(far.count).allSatisfy(\.isFinite) else {
            throw ApusError(.numeric, in: place, "not all values are numbers", remedy: "define it for all drives")
        }
        let slopes: [Double] = try gradient(at: x) { self($0).sum() }.array()
        func isFlat(_ slope: Double) -> Bool { slope.magnitude < 1e-9 }
        // Drives of 500 and 1000 at both ends: what still changes by then goes on for ever.
        let last = values.count - 1
        let endless = (
            below: !((values[0] - values[1]).magnitude < 0.1),
            above: !((values[last] - values[last - 1]).magnitude < 0.1)
        )
        var (smallest, largest) = (Double.infinity, -Double.infinity)
        for value in values where value.isFinite { (smallest, largest) = (min(smallest, value), max(largest, value)) }
        if endless.below { if values[0] < values[1] { smallest = -.infinity } else { largest = .infinity } }
        if endless.above { if values[last] < values[last - 1] { smallest = -.infinity } else { largest = .infinity } }
        let flat = (below: isFlat(slopes[2]), above: isFlat(slopes[last - 2]))
        let saturation: ActivationProperties.Saturation =
            switch flat {
            case (true, true): .both
            case (true, false): .below
            case (false, true): .above
            case (false, false): .none
            }
        let steepest = slopes.reduce(0) { $1.isFinite ? max($0, $1.magnitude) : $0 }
        var risks: [String] = []
        let isDead = zip(drives, slopes).contains { $0 < 0 && $0 > -2 && $1 == 0 }
        if saturation == .both { risks.append("gradients vanish where drives are large") }
        if isDead { risks.append("units whose drives are all negative learn no more") }
        if steepest == 0 { risks.append("there is no slope to learn by") }
        if steepest > 1.2 { risks.append("gradients may grow from layer to layer") }
        if smallest >= 0 { risks.append("all values have one sign, so that the next layer's gradients do, too") }
        return ActivationProperties(
            range: smallest...max(smallest, largest), isZeroCentred: smallest < 0 && largest > 0,
            saturation: saturation, largestSlope: steepest, risks: risks)
    }
}
