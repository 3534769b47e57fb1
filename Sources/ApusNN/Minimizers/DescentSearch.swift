import ApusCore

/// Descent along directions that a method proposes.
struct Descent {
    private let objective: Objective
    private let lineSearch: LineSearch
    private let maximumSteps: Int
    private let tolerance: Double
    private var x: [Double]
    private var value = 0.0
    private var gradient: [Double] = []
    private var evaluations = 0
    private var path: [[Double]] = []

    init(
        _ objective: Objective, _ start: [Double], lineSearch: LineSearch, maximumSteps: Int, tolerance: Double
    ) {
        self.objective = objective
        self.lineSearch = lineSearch
        self.maximumSteps = maximumSteps
        self.tolerance = tolerance
        x = start
    }

    mutating func run(_ method: MinimizationMethod) throws -> MinimizationResult {
        (value, gradient) = try evaluate(x)
        guard value.isFinite else {
            throw ApusError(
                .numeric, in: "minimize", "the function is \(value) at the start", remedy: "start elsewhere")
        }
        var directions: any DirectionMethod =
            switch method {
            case .bfgs: InverseHessian(count: x.count)
            case .lbfgs(let history): LimitedHistory(limit: max(history, 1))
            case .newton: NewtonDirection(objective: objective)
            }
        while path.count < maximumSteps, magnitude > tolerance {
            var direction = try directions.direction(x, gradient)
            var slope = dot(direction, gradient)
            if !(slope < 0) || !slope.isFinite {
                directions.forget()
                direction = gradient.map { -$0 }
                slope = -dot(gradient, gradient)
            }
            // Without a notion of scale the first step is a short one.
            let first = directions.knowsScale ? 1 : min(1, 1 / max(gradient.reduce(0) { $0 + $1.magnitude }, 1e-300))
            guard let found = try search(direction, slope, first) else { break }
            let step = zip(found.x, x).map(-)
            let change = zip(found.gradient, gradient).map(-)
            directions.learn(step: step, change: change)
            let hasMoved = found.value < value || step.contains { $0 != 0 }
            (x, value, gradient) = (found.x, found.value, found.gradient)
            path.append(x)
            if !hasMoved { break }
        }
        return MinimizationResult(
            point: try objective.tensor(x).evaluated(), value: value, gradientMagnitude: magnitude,
            steps: path.count, evaluations: evaluations, isConverged: magnitude <= tolerance, path: path,
            inverseHessian: (directions as? InverseHessian)?.matrix)
    }

    private var magnitude: Double { gradient.reduce(0) { $1.isNaN ? .nan : max($0, $1.magnitude) } }

    private mutating func evaluate(_ x: [Double]) throws -> (Double, [Double]) {
        evaluations += 1
        let (value, gradient) = try objective(x)
        return (value, gradient)
    }

    private typealias Point = (step: Double, x: [Double], value: Double, gradient: [Double], slope: Double)

    /// A step that obeys the strong Wolfe conditions, or the best one found (Nocedal and Wright, algorithms 3.5 and 3.6).
    private mutating func search(_ direction: [Double], _ slope: Double, _ first: Double) throws -> Point? {
        func sufficient(_ point: Point) -> Bool { point.value <= value + 1e-4 * point.step * slope }
        let curvature = lineSearch.curvature
        var low: Point = (0, x, value, gradient, slope)
        var high: Point?
        var best: Point?
        var next = first
        for _ in 0..<50 {
            let at = zip(x, direction).map { $0 + next * $1 }
            let (newValue, newGradient) = try evaluate(at)
            let point: Point = (next, at, newValue, newGradient, dot(newGradient, direction))
            if point.value.isFinite, point.value < best?.value ?? value { best = point }
            if !point.value.isFinite || !sufficient(point) || (low.step > 0 || high != nil) && point.value >= low.value
            {
                high = point
            } else {
                if point.slope.magnitude <= -curvature * slope { return point }
                if point.slope * ((high?.step ?? .infinity) - low.step) >= 0 { high = low }
                low = point
            }
            guard let high else {
                next *= 2
                continue
            }
            let gap = high.step - low.step
            if gap.magnitude <= 1e-15 * max(low.step.magnitude, 1e-300) { break }
            next = interpolated(low, high)
            // Neither end, or the interval would not shrink.
            let margin = gap.magnitude * (lineSearch.curvature < 1e-3 ? 1e-9 : 0.1)
            let bounds = (min(low.step, high.step) + margin, max(low.step, high.step) - margin)
            if !(next >= bounds.0 && next <= bounds.1) { next = low.step + gap / 2 }
        }
        return low.step > 0 && low.value < value ? low : best
    }

    /// The minimum of the cubic through both ends with their slopes.
    private func interpolated(_ a: Point, _ b: Point) -> Double {
        guard b.value.isFinite, b.slope.isFinite else { return (a.step + b.step) / 2 }
        let d1 = a.slope + b.slope - 3 * (a.value - b.value) / (a.step - b.step)
        let square = d1 * d1 - a.slope * b.slope
        guard square >= 0 else { return .nan }
        let d2 = square.squareRoot() * (b.step > a.step ? 1 : -1)
        return b.step - (b.step - a.step) * (b.slope + d2 - d1) / (b.slope - a.slope + 2 * d2)
    }
}

func dot(_ a: [Double], _ b: [Double]) -> Double { zip(a, b).reduce(0) { $0 + $1.0 * $1.1 } }
