/// Finds the plane of largest margin by sequential minimal optimisation: two factors at a time, chosen by second order
/// (Platt, 1998; Fan, Chen and Lin, JMLR 2005).
struct MarginSolver {
    /// The similarities of all pairs, row-major.
    private let similarities: [Double]
    /// 1 or -1 for each sample.
    private let signs: [Double]
    private let c: Double
    private let tolerance: Double

    init(_ similarities: [Double], _ signs: [Double], c: Double, tolerance: Double) {
        (self.similarities, self.signs, self.c, self.tolerance) = (similarities, signs, c, tolerance)
    }

    /// The factors of the samples (with their signs) and the bias; `nil` if there is no end.
    func solve() -> (factors: [Double], bias: Double)? {
        let count = signs.count
        var factors = [Double](repeating: 0, count: count)
        // The derivative of the dual function: Q a - 1.
        var slopes = [Double](repeating: -1, count: count)
        for _ in 0..<max(1_000_000, 200 * count) {
            guard let (i, j) = pair(factors, slopes) else { return (zip(factors, signs).map(*), bias(factors, slopes)) }
            let (oldI, oldJ) = (factors[i], factors[j])
            let (rowI, rowJ) = (i * count, j * count)
            let curvature = max(
                similarities[rowI + i] + similarities[rowJ + j] - 2 * similarities[rowI + j], 1e-12)
            // Along the line on which the sum of sign times factor stays.
            let rise = (-signs[i] * slopes[i] + signs[j] * slopes[j]) / curvature
            let roomI = signs[i] > 0 ? c - oldI : oldI
            let roomJ = signs[j] > 0 ? oldJ : c - oldJ
            let step = min(rise, roomI, roomJ)
            factors[i] = step == roomI ? (signs[i] > 0 ? c : 0) : oldI + signs[i] * step
            factors[j] = step == roomJ ? (signs[j] > 0 ? 0 : c) : oldJ - signs[j] * step
            let (changeI, changeJ) = ((factors[i] - oldI) * signs[i], (factors[j] - oldJ) * signs[j])
            for index in 0..<count {
                let change = similarities[rowI + index] * changeI + similarities[rowJ + index] * changeJ
                slopes[index] += signs[index] * change
            }
        }
        return nil
    }

    private func canRise(_ index: Int, _ factors: [Double]) -> Bool {
        signs[index] > 0 ? factors[index] < c : factors[index] > 0
    }

    private func canFall(_ index: Int, _ factors: [Double]) -> Bool {
        signs[index] > 0 ? factors[index] > 0 : factors[index] < c
    }

    /// The pair that promises most; `nil` at the minimum.
    private func pair(_ factors: [Double], _ slopes: [Double]) -> (Int, Int)? {
        let count = signs.count
        var first: Int?
        var high = -Double.infinity
        for index in 0..<count where canRise(index, factors) && -signs[index] * slopes[index] > high {
            (high, first) = (-signs[index] * slopes[index], index)
        }
        guard let i = first else { return nil }
        var second: Int?
        var (low, best) = (Double.infinity, 0.0)
        for index in 0..<count where canFall(index, factors) {
            let value = -signs[index] * slopes[index]
            low = min(low, value)
            let gap = high - value
            guard gap > 0 else { continue }
            let curvature = max(
                similarities[i * count + i] + similarities[index * count + index]
                    - 2 * similarities[i * count + index], 1e-12)
            if gap * gap / curvature > best { (best, second) = (gap * gap / curvature, index) }
        }
        guard high - low > tolerance, let j = second else { return nil }
        return (i, j)
    }

    /// The mean over samples on the margin; without any, the middle of what is possible.
    private func bias(_ factors: [Double], _ slopes: [Double]) -> Double {
        var (sum, free, low, high) = (0.0, 0, -Double.infinity, Double.infinity)
        for index in signs.indices {
            let value = -signs[index] * slopes[index]
            if factors[index] > 0, factors[index] < c {
                sum += value
                free += 1
            } else if canRise(index, factors) {
                low = max(low, value)
            } else {
                high = min(high, value)
            }
        }
        if free > 0 { return sum / Double(free) }
        return low.isFinite && high.isFinite ? (low + high) / 2 : low.isFinite ? low : high
    }
}
