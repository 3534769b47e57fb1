#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

/// Greedy non-maximum suppression: boxes by falling score, each dropped if it overlaps one that is kept by more than
/// the threshold.
///
///     let kept = nonMaximumSuppression(boxes, scores: scores, classes: classes, threshold: 0.5)
///     let best = boxes.gather(indices: kept)
///
/// The boxes are evaluated at once, as the result's shape depends on them; there is no gradient.
///
/// - Parameters:
///   - boxes: `[n, (x1, y1, x2, y2)]`
///   - scores: `[n]`; of equal ones the first goes first
///   - classes: `[n]` integers: boxes of different classes never drop each other. By default all are of one class.
///   - threshold: the intersection over union above which a box is dropped, from 0 to 1
///   - limit: keep no more than so many
/// - Returns: the numbers of the boxes kept, by falling score: `[kept]`, `int64`
/// - Complexity: quadratic in the number of boxes
public func nonMaximumSuppression(
    _ boxes: Tensor, scores: Tensor, classes: Tensor? = nil, threshold: Double, limit: Int? = nil
) -> Tensor {
    let place = "operation nonMaximumSuppression"
    return Tensor.composed(of: [boxes, scores] + (classes.map { [$0] } ?? [])) { () throws(ApusError) in
        let candidates = try Candidates(boxes, scores, in: place)
        let labels = try classes.map { (tensor: Tensor) throws(ApusError) -> [Int] in
            try candidates.labels(tensor, in: place)
        }
        guard threshold >= 0, threshold <= 1, limit ?? 0 >= 0 else {
            throw ApusError(
                .value, in: place, "threshold \(threshold)" + (limit.map { ", limit \($0)" } ?? ""),
                remedy: "use a threshold from 0 to 1 and a limit of 0 or more")
        }
        var kept: [Int] = []
        for box in candidates.order {
            if kept.count == limit { break }
            let isDropped = kept.contains {
                (labels == nil || labels?[$0] == labels?[box]) && candidates.overlap($0, box) > threshold
            }
            if !isDropped { kept.append(box) }
        }
        return Tensor.positions(kept)
    }
}

/// How soft suppression lowers the scores of boxes that overlap a better one.
public enum ScoreDecay: Sendable, Hashable {
    /// `e^(-overlap² / sigma)`
    case gaussian(sigma: Double = 0.5)
    /// `1 - overlap` where the overlap is above the threshold
    case linear(threshold: Double = 0.3)
}

/// Soft non-maximum suppression: takes the box with the largest score, lowers the scores of those that overlap it, and
/// so on, until no score is as large as `least` (Bodla et al., ICCV 2017).
///
/// The boxes are evaluated at once, as the result's shape depends on them; there is no gradient.
///
/// - Parameters:
///   - boxes: `[n, (x1, y1, x2, y2)]`
///   - scores: `[n]`
///   - least: boxes whose score falls below are dropped
/// - Returns: the numbers of the boxes by falling new score, `[kept]`, `int64`, and these, in the type of `scores`
/// - Complexity: quadratic in the number of boxes
public func softNonMaximumSuppression(
    _ boxes: Tensor, scores: Tensor, decay: ScoreDecay = .gaussian(), least: Double = 0.001
) -> (indices: Tensor, scores: Tensor) {
    let place = "operation softNonMaximumSuppression"
    if let failed = boxes.error ?? scores.error { return (Tensor(error: failed), Tensor(error: failed)) }
    do throws(ApusError) {
        let candidates = try Candidates(boxes, scores, in: place)
        switch decay {
        case .gaussian(let sigma) where !(sigma > 0):
            throw ApusError(.value, in: place, "sigma \(sigma)", remedy: "use a number above 0")
        case .linear(let threshold) where !(threshold >= 0):
            throw ApusError(.value, in: place, "threshold \(threshold)", remedy: "use a number from 0 to 1")
        default: break
        }
        var current = candidates.scores
        var left = candidates.scores.indices.filter { current[$0] >= least }
        var (kept, values) = ([Int](), [Double]())
        while let best = left.max(by: { current[$0] < current[$1] || current[$0] == current[$1] && $0 > $1 }) {
            kept.append(best)
            values.append(current[best])
            left.removeAll { box in
                guard box != best else { return true }
                let overlap = candidates.overlap(best, box)
                switch decay {
                case .gaussian(let sigma): current[box] *= exp(-overlap * overlap / sigma)
                case .linear(let threshold): if overlap > threshold { current[box] *= 1 - overlap }
                }
                return !(current[box] >= least)
            }
        }
        return (Tensor.positions(kept), Tensor.constant(values, shape: [values.count], dtype: scores.dtype))
    } catch {
        return (Tensor(error: error), Tensor(error: error))
    }
}

/// Boxes with scores, as numbers.
private struct Candidates {
    let corners: [Double]
    let scores: [Double]
    let areas: [Double]

    init(_ boxes: Tensor, _ scores: Tensor, in place: String) throws(ApusError) {
        guard boxes.rank == 2, boxes.shape[1] == 4, scores.shape == [boxes.shape[0]] else {
            throw ApusError(
                .shape, in: place, "boxes of shape \(boxes.shape), scores of shape \(scores.shape)",
                remedy: "give boxes [n, 4] and scores [n]")
        }
        guard boxes.dtype.isFloatingPoint, scores.dtype.isFloatingPoint else {
            throw ApusError(
                .type, in: place, "boxes of type \(boxes.dtype), scores of type \(scores.dtype)",
                remedy: "cast them to float32")
        }
        corners = try boxes.array(of: Double.self)
        self.scores = try scores.array(of: Double.self)
        let numbers = corners
        areas = self.scores.indices.map {
            (numbers[4 * $0 + 2] - numbers[4 * $0]) * (numbers[4 * $0 + 3] - numbers[4 * $0 + 1])
        }
    }

    /// By falling score; NaN last.
    var order: [Int] {
        scores.indices.sorted { a, b in
            if scores[a].isNaN || scores[b].isNaN {
                return scores[a].isNaN == scores[b].isNaN ? a < b : scores[b].isNaN
            }
            return scores[a] > scores[b] || scores[a] == scores[b] && a < b
        }
    }

    func labels(_ classes: Tensor, in place: String) throws(ApusError) -> [Int] {
        guard classes.shape == [scores.count], classes.dtype.isInteger else {
            throw ApusError(
                .shape, in: place, "classes of shape \(classes.shape) (\(classes.dtype)) for \(scores.count) boxes",
                remedy: "give an integer for each box: [n]")
        }
        return try classes.array(of: Int.self)
    }

    /// Intersection over union; 0 for boxes without area.
    func overlap(_ a: Int, _ b: Int) -> Double {
        let width = min(corners[4 * a + 2], corners[4 * b + 2]) - max(corners[4 * a], corners[4 * b])
        let height = min(corners[4 * a + 3], corners[4 * b + 3]) - max(corners[4 * a + 1], corners[4 * b + 1])
        guard width > 0, height > 0 else { return 0 }
        let common = width * height
        let union = areas[a] + areas[b] - common
        return union > 0 ? common / union : 0
    }
}
