import ApusCore

/// Divides samples into disjoint sets, by their numbers.
///
///     let parts = try Split.stratified(by: labels, into: [0.8, 0.1, 0.1], seed: 1)
///     let (train, validation, test) = (try data.select(parts[0]), try data.select(parts[1]), try data.select(parts[2]))
///
/// The training set is what parameters are fitted to, the validation set what choices are made by, and the test set
/// is looked at once, at the end. Numbers are ascending within each set.
public enum Split {
    /// At random.
    ///
    /// - Parameter fractions: the share of each set; they add up to 1
    public static func random(count: Int, into fractions: [Double], seed: UInt64) throws(ApusError) -> [[Int]] {
        try stratified(by: [Int](repeating: 0, count: max(count, 0)), into: fractions, seed: seed)
    }

    /// At random, with the share of each stratum equal in all sets.
    ///
    /// - Parameter strata: of each sample its class, or any attribute, such as day or night, or several in one value
    public static func stratified<Stratum: Hashable>(
        by strata: [Stratum], into fractions: [Double], seed: UInt64
    ) throws(ApusError) -> [[Int]] {
        try check(fractions)
        var random = RandomSource(seed: seed)
        var parts = [[Int]](repeating: [], count: fractions.count)
        // What rounding has withheld from each set so far.
        var carried = [Double](repeating: 0, count: fractions.count)
        for members in groups(strata) {
            let order = random.permutation(members.count).map { members[$0] }
            let quotas = Swift.zip(fractions, carried).map { $0 * Double(members.count) + $1 }
            let counts = apportioned(members.count, quotas)
            var begin = 0
            for (part, count) in counts.enumerated() {
                parts[part] += order[begin..<begin + count]
                carried[part] = quotas[part] - Double(count)
                begin += count
            }
        }
        return parts.map { $0.sorted() }
    }

    /// With all samples of a group in one set, such as all pictures of one patient; sizes are as near to the fractions
    /// as the groups allow.
    public static func grouped<Group: Hashable>(
        by groups: [Group], into fractions: [Double], seed: UInt64
    ) throws(ApusError) -> [[Int]] {
        try check(fractions)
        var random = RandomSource(seed: seed)
        let all = Self.groups(groups)
        // Large groups first, so that small ones fill the gaps; equal ones in random order.
        let order = random.permutation(all.count).map { all[$0] }.sorted { $0.count > $1.count }
        var parts = [[Int]](repeating: [], count: fractions.count)
        for members in order {
            let missing = fractions.indices.map { fractions[$0] * Double(groups.count) - Double(parts[$0].count) }
            let choice = missing.indices.max { missing[$0] < missing[$1] } ?? 0
            parts[choice] += members
        }
        return parts.map { $0.sorted() }
    }

    /// By time: the earliest samples come into the first set, the latest into the last, so that the future is never
    /// trained on. Samples of one time stay together.
    public static func byTime(_ times: [Double], into fractions: [Double]) throws(ApusError) -> [[Int]] {
        try check(fractions)
        guard times.allSatisfy({ !$0.isNaN }) else {
            throw ApusError(.data, in: "split", "a time is not a number", remedy: "leave samples without a time out")
        }
        let order = times.indices.sorted { (times[$0], $0) < (times[$1], $1) }
        let counts = apportioned(times.count, fractions.map { $0 * Double(times.count) })
        var parts: [[Int]] = []
        var begin = 0
        for (index, count) in counts.enumerated() {
            var end = index == counts.count - 1 ? order.count : max(begin, min(begin + count, order.count))
            while end > begin, end < order.count, times[order[end]] == times[order[end - 1]] { end += 1 }
            parts.append(order[begin..<end].sorted())
            begin = end
        }
        return parts
    }

    /// Disjoint folds of nearly equal size, each held out once (cross-validation).
    ///
    /// - Parameters:
    ///   - strata: the class of each sample, so that all folds have the same shares; nil for none
    public static func folds(
        count: Int, _ number: Int, strata: [Int]? = nil, seed: UInt64
    ) throws(ApusError) -> [Fold] {
        guard number >= 2, number <= count, strata?.count ?? count == count else {
            throw ApusError(
                .value, in: "split folds",
                "\(number) folds of \(count) samples" + (strata.map { " with \($0.count) strata" } ?? ""),
                remedy: "use 2 folds or more, at most one a sample, and a stratum for each")
        }
        var random = RandomSource(seed: seed)
        var parts = [[Int]](repeating: [], count: number)
        var next = 0
        for members in groups(strata ?? [Int](repeating: 0, count: count)) {
            for place in random.permutation(members.count) {
                parts[next % number].append(members[place])
                next += 1
            }
        }
        return Fold.all(of: parts, count: count)
    }

    /// Folds with all samples of a group in one of them.
    public static func folds<Group: Hashable>(
        groups: [Group], _ number: Int, seed: UInt64
    ) throws(ApusError) -> [Fold] {
        let distinct = Set(groups).count
        guard number >= 2, number <= distinct else {
            throw ApusError(
                .value, in: "split folds", "\(number) folds of \(distinct) groups",
                remedy: "use 2 folds or more, at most one a group")
        }
        let share = [Double](repeating: 1 / Double(number), count: number)
        return Fold.all(of: try grouped(by: groups, into: share, seed: seed), count: groups.count)
    }

    /// Refuses shares that are not from 0 to 1 or don't add up to 1.
    static func check(_ fractions: [Double]) throws(ApusError) {
        let sum = fractions.reduce(0, +)
        guard !fractions.isEmpty, fractions.allSatisfy({ $0 >= 0 && $0 <= 1 }), abs(sum - 1) < 1e-6 else {
            throw ApusError(
                .value, in: "split", "the shares \(fractions) add up to \((sum * 1e4).rounded() / 1e4)",
                remedy: "give shares from 0 to 1 that add up to 1, such as 0.8, 0.1 and 0.1")
        }
    }

    /// The numbers of the samples of each value, in the order of their first.
    static func groups<Value: Hashable>(_ values: [Value]) -> [[Int]] {
        var places: [Value: Int] = [:]
        var result: [[Int]] = []
        for (index, value) in values.enumerated() {
            if let place = places[value] {
                result[place].append(index)
            } else {
                places[value] = result.count
                result.append([index])
            }
        }
        return result
    }

    /// Whole numbers with a given sum, as near to the quotas as can be (largest remainders).
    static func apportioned(_ count: Int, _ quotas: [Double]) -> [Int] {
        var counts = quotas.map { max(0, min(count, Int($0.rounded(.down)))) }
        var order = quotas.indices.sorted {
            (quotas[$1] - Double(counts[$1]), $0) < (quotas[$0] - Double(counts[$0]), $1)
        }
        if order.isEmpty { order = [] }
        var rest = count - counts.reduce(0, +)
        while rest != 0, !order.isEmpty {
            for index in rest > 0 ? order : order.reversed() where rest != 0 {
                if rest < 0, counts[index] == 0 { continue }
                counts[index] += rest > 0 ? 1 : -1
                rest += rest > 0 ? -1 : 1
            }
        }
        return counts
    }
}

/// One division of cross-validation.
public struct Fold: Sendable, Hashable {
    /// The numbers of the samples to train with.
    public let train: [Int]
    /// The numbers of those held out, to test with.
    public let heldOut: [Int]

    static func all(of parts: [[Int]], count: Int) -> [Fold] {
        parts.map { part in
            let held = Set(part)
            return Fold(train: (0..<count).filter { !held.contains($0) }, heldOut: part.sorted())
        }
    }
}

extension Dataset {
    /// The samples of the given numbers, in that order; a number may come more than once.
    public func select(_ indices: [Int], name: String? = nil) throws(ApusError) -> Dataset {
        let place = "data set \(self.name)"
        if let wrong = indices.first(where: { !(0..<count).contains($0) }) {
            throw ApusError(.index, in: place, "sample \(wrong) of \(count)", remedy: "use indices in 0..<\(count)")
        }
        func rows(_ field: Field) -> Tensor {
            let bytes = field.sampleShape.count * field.stored.size
            let storage = Storage(byteCount: bytes * indices.count)
            for (row, index) in indices.enumerated() {
                (storage.pointer + row * bytes).copyMemory(
                    from: field.storage.pointer + index * bytes, byteCount: bytes)
            }
            return Tensor(
                storage: storage, shape: Shape([indices.count] + field.sampleShape.extents), dtype: field.stored)
        }
        // Class names keep their number, whatever classes are left.
        var names = classNames
        if names.isEmpty, let classCount { names = (0..<classCount).map(String.init) }
        var result = try Dataset(
            inputs: rows(inputs), targets: rows(targets), weights: weights.map(rows), name: name ?? self.name,
            classNames: names,
            scale: Double(inputs.scale))
        result.seed = seed
        return result
    }

    /// The labels of all samples; empty if the targets are none.
    public var labels: [Int] { classCount == nil ? [] : (0..<count).map { label(at: $0) ?? 0 } }

    /// Divides the samples at random, with the share of each class equal in all parts where there are classes.
    public func split(_ fractions: [Double], seed: UInt64) throws(ApusError) -> [Dataset] {
        let parts =
            classCount == nil
            ? try Split.random(count: count, into: fractions, seed: seed)
            : try Split.stratified(by: labels, into: fractions, seed: seed)
        var result: [Dataset] = []
        for part in parts { result.append(try select(part)) }
        return result
    }
}
