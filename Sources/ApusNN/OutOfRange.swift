import ApusCore

extension ApusError {
    /// The first number that is out of its range or infinite, if there is one.
    package static func outOfRange(
        in place: String, _ values: [(name: String, value: Double, allowed: ClosedRange<Double>)]
    ) -> ApusError? {
        for (label, value, allowed) in values where !allowed.contains(value) || value.isInfinite {
            let remedy =
                allowed.upperBound == .infinity
                ? "use a number of \(allowed.lowerBound) or more" : "use a number in \(allowed)"
            return ApusError(.value, in: place, "\(label) is \(value)", remedy: remedy)
        }
        return nil
    }
}
