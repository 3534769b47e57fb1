import ApusCore

/// Ranked answers to queries: what figures of retrieval are computed from.
///
///     var retrieval = Retrieval()
///     try retrieval.update(scores: [0.2, 0.3, 0.5], relevances: [0, 1, 1], queries: [0, 0, 1])
///     retrieval.meanReciprocalRank
public struct Retrieval: MetricState {
    /// What a query without relevant answers counts.
    public enum EmptyQuery: Sendable {
        case zero, one, skipped
    }

    private struct Answer: Sendable {
        let score: Double
        let relevance: Double
    }

    private let empty: EmptyQuery
    private var answers: [Int: [Answer]] = [:]
    /// The key of the next row of a batch; rows are queries of their own.
    private var nextRow = -1

    /// - Parameter empty: what a query without a relevant document counts as
    public init(empty: EmptyQuery = .zero) { self.empty = empty }

    /// Adds answers with their scores and relevances (0 or more) to queries by number.
    public mutating func update(scores: [Double], relevances: [Double], queries: [Int]) throws(ApusError) {
        guard scores.count == relevances.count, scores.count == queries.count,
            !queries.contains(where: { $0 < 0 }), !scores.contains(where: \.isNaN)
        else {
            throw ApusError(
                .shape, in: "retrieval metric",
                "\(scores.count) scores, \(relevances.count) relevances, \(queries.count) queries",
                remedy: "give as many of each, scores that can be ordered and queries from 0")
        }
        for index in scores.indices {
            answers[queries[index], default: []].append(Answer(score: scores[index], relevance: relevances[index]))
        }
    }

    /// Adds a batch of queries: scores and relevances `[queries, answers]`.
    public mutating func update(_ output: Tensor, _ target: Tensor, weights: Tensor?) throws(ApusError) {
        guard output.shape == target.shape, output.rank == 2, weights == nil else {
            throw ApusError(
                .shape, in: "retrieval metric",
                "scores of shape \(output.shape), relevances of shape \(target.shape)\(weights == nil ? "" : ", weights")",
                remedy: "give [queries, answers] of one shape, without weights")
        }
        let (scores, relevances) = (try output.numbers(), try target.numbers())
        guard !scores.contains(where: \.isNaN) else {
            throw ApusError(
                .numeric, in: "retrieval metric", "a score is no number", remedy: "give scores that can be ordered")
        }
        let width = output.shape[1]
        for row in 0..<output.shape[0] {
            answers[nextRow] = (row * width..<(row + 1) * width).map {
                Answer(score: scores[$0], relevance: relevances[$0])
            }
            nextRow -= 1
        }
    }

    public mutating func merge(_ other: Retrieval) {
        for (query, added) in other.answers.sorted(by: { $0.key > $1.key }) {
            if query < 0 {
                answers[nextRow] = added
                nextRow -= 1
            } else {
                answers[query, default: []] += added
            }
        }
    }

    /// The mean of a figure over the queries; relevances stand in the order of falling scores.
    private func mean(isFallOut: Bool = false, _ figure: ([Double]) -> Double) -> Double {
        var values: [Double] = []
        for (_, list) in answers.sorted(by: { $0.key < $1.key }) {
            let ranked = Self.ranked(list)
            if ranked.contains(where: { isFallOut ? $0 <= 0 : $0 > 0 }) {
                values.append(figure(ranked))
            } else if empty != .skipped {
                values.append(empty == .one ? 1 : 0)
            }
        }
        return values.isEmpty ? 0 : values.reduce(0, +) / Double(values.count)
    }

    private static func ranked(_ list: [Answer]) -> [Double] {
        list.enumerated().sorted {
            $0.element.score != $1.element.score ? $0.element.score > $1.element.score : $0.offset < $1.offset
        }.map(\.element.relevance)
    }

    private static func hits(_ ranked: [Double], _ count: Int?) -> Double {
        Double(ranked.prefix(max(0, count ?? ranked.count)).count { $0 > 0 })
    }

    /// The mean over queries of the mean precision at each relevant answer.
    public func meanAveragePrecision(at count: Int? = nil) -> Double {
        mean { ranked in
            var (hits, sum) = (0.0, 0.0)
            for (index, relevance) in ranked.prefix(max(0, count ?? ranked.count)).enumerated() where relevance > 0 {
                hits += 1
                sum += hits / Double(index + 1)
            }
            return hits == 0 ? 0 : sum / hits
        }
    }

    /// The mean of 1 over the rank of the first relevant answer.
    public var meanReciprocalRank: Double {
        mean { ranked in ranked.firstIndex { $0 > 0 }.map { 1 / Double($0 + 1) } ?? 0 }
    }

    /// The share of relevant answers among the first.
    public func precision(at count: Int? = nil) -> Double {
        mean { Self.hits($0, count) / Double(max(1, count ?? $0.count)) }
    }

    /// The share of the relevant answers that is among the first.
    public func recall(at count: Int? = nil) -> Double { mean { Self.hits($0, count) / Self.hits($0, nil) } }

    /// The share of queries with a relevant answer among the first.
    public func hitRate(at count: Int? = nil) -> Double { mean { Self.hits($0, count) > 0 ? 1 : 0 } }

    /// The share of the irrelevant answers that is among the first.
    public func fallOut(at count: Int? = nil) -> Double {
        mean(isFallOut: true) { ranked in
            let others = ranked.map { $0 > 0 ? 0.0 : 1.0 }
            return Self.hits(others, count) / Self.hits(others, nil)
        }
    }

    /// The precision among as many answers as are relevant.
    public var rPrecision: Double {
        mean { ranked in
            let relevant = Self.hits(ranked, nil)
            return Self.hits(ranked, Int(relevant)) / relevant
        }
    }

    /// The normalised discounted cumulative gain (Järvelin and Kekäläinen, 2002): the sum of relevances over
    /// `log2(rank + 1)`, divided by the largest possible. Equal scores share their gains.
    public func normalizedGain(at count: Int? = nil) -> Double {
        var values: [Double] = []
        for (_, list) in answers.sorted(by: { $0.key < $1.key }) {
            let sorted = list.sorted { $0.score > $1.score }
            let limit = max(0, min(count ?? list.count, list.count))
            let ideal = Self.gain(list.map(\.relevance).sorted(by: >), limit)
            var shared: [Double] = []
            while shared.count < sorted.count {
                let tied = sorted[shared.count...].prefix { $0.score == sorted[shared.count].score }
                let mean = tied.reduce(0) { $0 + $1.relevance } / Double(tied.count)
                shared += [Double](repeating: mean, count: tied.count)
            }
            if ideal > 0 {
                values.append(Self.gain(shared, limit) / ideal)
            } else if empty != .skipped {
                values.append(empty == .one ? 1 : 0)
            }
        }
        return values.isEmpty ? 0 : values.reduce(0, +) / Double(values.count)
    }

    private static func gain(_ relevances: [Double], _ count: Int) -> Double {
        relevances.prefix(count).enumerated().reduce(0) { $0 + $1.element / Real.log2(Double($1.offset + 2)) }
    }

    /// Mean precision and recall among the first 1, 2, ... `limit` answers.
    public func precisionRecallCurve(limit: Int) -> (precisions: [Double], recalls: [Double]) {
        let counts = 1..<max(1, limit) + 1
        return (counts.map { precision(at: $0) }, counts.map { recall(at: $0) })
    }

    /// The largest mean recall whose mean precision is at least `precision`, among the first 1 to `limit` answers.
    public func recall(atPrecision wanted: Double, limit: Int) -> Double {
        let curve = precisionRecallCurve(limit: limit)
        return zip(curve.precisions, curve.recalls).filter { $0.0 >= wanted }.map(\.1).max() ?? 0
    }
}

/// Figures of retrieval: scores and relevances `[queries, answers]`.
extension Metric {
    private static func retrieval(_ name: String, _ value: @escaping @Sendable (Retrieval) -> Double) -> Metric {
        Metric(name, Retrieval()) { value($0) }
    }

    /// The mean precision at each relevant answer.
    public static func retrievalAveragePrecision(at count: Int? = nil) -> Metric {
        retrieval("retrieval MAP") { $0.meanAveragePrecision(at: count) }
    }
    /// The mean of 1 over the rank of the first relevant answer.
    public static let meanReciprocalRank = retrieval("MRR") { $0.meanReciprocalRank }
    /// The normalised discounted cumulative gain.
    public static func normalizedGain(at count: Int? = nil) -> Metric {
        retrieval("nDCG") { $0.normalizedGain(at: count) }
    }
    /// The share of relevant answers among the first.
    public static func retrievalPrecision(at count: Int? = nil) -> Metric {
        retrieval("retrieval precision") { $0.precision(at: count) }
    }
    /// The share of the relevant answers that is among the first.
    public static func retrievalRecall(at count: Int? = nil) -> Metric {
        retrieval("retrieval recall") { $0.recall(at: count) }
    }
    /// The share of queries with a relevant answer among the first.
    public static func hitRate(at count: Int? = nil) -> Metric { retrieval("hit rate") { $0.hitRate(at: count) } }
    /// The share of the irrelevant answers that is among the first.
    public static func fallOut(at count: Int? = nil) -> Metric {
        Metric("fall-out", Retrieval(), higherIsBetter: false) { $0.fallOut(at: count) }
    }
    /// The precision among as many answers as are relevant.
    public static let rPrecision = retrieval("R-precision") { $0.rPrecision }
}
