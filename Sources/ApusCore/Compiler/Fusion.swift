import CKernels

/// The arithmetic in which a fused loop computes.
package enum ComputeClass: Int {
    case float32 = 0
    case float64 = 1
    case int64 = 2

    package init(_ dtype: DType) {
        switch dtype {
        case .float64: self = .float64
        case .int32, .int64, .uint8: self = .int64
        default: self = .float32
        }
    }
}

/// Elementwise entries and reductions that run as one loop over one space.
package final class FusionGroup {
    package let id: Int
    package let space: Shape
    package let compute: ComputeClass
    /// Entries computed in registers, one value per element or per row; ascending after fusion.
    package var members: [Int] = []
    /// Members with one value per row.
    package var rowMembers: Set<Int> = []
    /// Reductions that leave the loop.
    package var reductions: [Int] = []

    package init(id: Int, space: Shape, compute: ComputeClass) {
        self.id = id
        self.space = space
        self.compute = compute
    }
}

/// Which entries run together.
///
/// Entries are visited from the outputs back. One whose consumers all run in one loop joins it; one that is needed
/// elsewhere too joins a loop as an additional result where no other consumer comes before that loop.
package struct Fusion {
    package let graph: Graph
    package private(set) var groups: [FusionGroup] = []
    /// The group of each entry.
    package private(set) var group: [Int?]
    package let consumers: [[Int]]
    private let isOutput: [Bool]
    private let classes: [ComputeClass]
    /// The most members of a group: lowered when a loop does not fit the machine.
    private let limit: Int

    package init(_ graph: Graph, limit: Int) {
        self.graph = graph
        self.limit = limit
        group = [Int?](repeating: nil, count: graph.entries.count)
        var consumers = [[Int]](repeating: [], count: graph.entries.count)
        for (index, entry) in graph.entries.enumerated() {
            for input in Set(entry.inputs) { consumers[input].append(index) }
        }
        self.consumers = consumers
        var isOutput = [Bool](repeating: false, count: graph.entries.count)
        for output in graph.outputs { isOutput[output] = true }
        self.isOutput = isOutput
        classes = Self.computeClasses(graph)
        for index in graph.entries.indices.reversed() { place(index) }
        for group in groups { group.members.sort() }
    }

    private static func computeClasses(_ graph: Graph) -> [ComputeClass] {
        var classes: [ComputeClass] = []
        for entry in graph.entries {
            let input = entry.inputs.first.map { graph.entries[$0].dtype }
            let inherited = entry.inputs.first.map { classes[$0] } ?? .float32
            switch entry.role {
            case .elementwise where entry.dtype == .bool:
                classes.append(input == .bool ? inherited : ComputeClass(input ?? .float32))
            case .cast where entry.dtype == .bool:
                classes.append(ComputeClass(input ?? .float32))
            case .cast where input == .float64 && entry.dtype.isFloatingPoint:
                classes.append(.float64)
            case .broadcast, .view:
                classes.append(entry.dtype == .bool ? inherited : ComputeClass(entry.dtype))
            default:
                classes.append(ComputeClass(entry.dtype))
            }
        }
        return classes
    }

    /// Whether an entry's value may stay in a register of its consumers' loop: types that are rounded or wrapped when
    /// they are stored must go through memory.
    private func staysInRegister(_ index: Int) -> Bool {
        switch graph.entries[index].dtype {
        case .float32, .float64, .int64, .bool: true
        default: false
        }
    }

    private func isLoop(_ index: Int) -> Bool {
        switch graph.entries[index].role {
        case .elementwise, .cast, .reduce: true
        default: false
        }
    }

    package static func rowShape(_ space: Shape) -> Shape? {
        guard let length = space.extents.last, length > 1, length <= Int(APUS_FUSED_ROW) else { return nil }
        return space.replacing(space.rank - 1, with: 1)
    }

    private enum Edge {
        /// A consumer in a loop, with the entry's value there: `expanded` if it is read through a broadcast.
        case loop(group: Int, expanded: Bool)
        /// Any other consumer.
        case other(entry: Int)
    }

    private func edges(_ index: Int) -> [Edge] {
        var result: [Edge] = []
        for consumer in consumers[index] {
            if case .broadcast = graph.entries[consumer].role {
                if isOutput[consumer] { result.append(.other(entry: consumer)) }
                for reader in consumers[consumer] {
                    if let group = group[reader], groups[group].space == graph.entries[consumer].shape {
                        result.append(.loop(group: group, expanded: true))
                    } else {
                        result.append(.other(entry: reader))
                    }
                }
            } else if let group = group[consumer] {
                result.append(.loop(group: group, expanded: false))
            } else {
                result.append(.other(entry: consumer))
            }
        }
        return result
    }

    private mutating func place(_ index: Int) {
        guard isLoop(index) else { return }
        let entry = graph.entries[index]
        let edges = edges(index)
        var candidates: [Int] = []
        var needsMemory = isOutput[index]
        for edge in edges {
            switch edge {
            case .loop(let group, let expanded):
                if fits(index, group, expanded: expanded) {
                    if !candidates.contains(group) { candidates.append(group) }
                } else {
                    needsMemory = true
                }
            case .other:
                needsMemory = true
            }
        }
        candidates.removeAll { !canJoinEverywhere(index, $0, edges) }
        if !needsMemory, candidates.count == 1 {
            join(index, candidates[0])
            return
        }
        // Needed in several places: computed in the first loop that no other consumer has to come before.
        for candidate in candidates.sorted(by: { firstMember($0) < firstMember($1) })
        where !reachesFromOthers(edges, candidate) {
            join(index, candidate)
            return
        }
        if case .reduce = entry.role {
            if let sibling = siblingGroup(index) {
                groups[sibling].reductions.append(index)
                group[index] = sibling
                return
            }
        } else if let neighbor = neighborGroup(index) {
            join(index, neighbor)
            return
        }
        open(index)
    }

    private func firstMember(_ group: Int) -> Int {
        min(groups[group].members.min() ?? .max, groups[group].reductions.min() ?? .max)
    }

    /// Whether the entry's value can be computed in the loop, as seen from one of its uses there.
    private func fits(_ index: Int, _ candidate: Int, expanded: Bool) -> Bool {
        let entry = graph.entries[index]
        let group = groups[candidate]
        guard staysInRegister(index), classes[index] == group.compute, group.members.count < limit else { return false }
        let isRow = Self.rowShape(group.space) == entry.shape
        if case .reduce(_, let axes) = entry.role {
            return isRow && axes == group.space.rank - 1..<group.space.rank
                && graph.entries[entry.inputs[0]].shape == group.space
        }
        return expanded ? isRow : (entry.shape == group.space || isRow)
    }

    /// A value of one shape is either full or per row in a loop; all its uses there must agree.
    private func canJoinEverywhere(_ index: Int, _ candidate: Int, _ edges: [Edge]) -> Bool {
        edges.allSatisfy { edge in
            if case .loop(candidate, let expanded) = edge { fits(index, candidate, expanded: expanded) } else { true }
        }
    }

    private mutating func join(_ index: Int, _ target: Int) {
        let group = groups[target]
        group.members.append(index)
        if graph.entries[index].shape != group.space { group.rowMembers.insert(index) }
        self.group[index] = target
    }

    private mutating func open(_ index: Int) {
        let entry = graph.entries[index]
        if case .reduce = entry.role {
            let new = FusionGroup(
                id: groups.count, space: graph.entries[entry.inputs[0]].shape, compute: classes[index])
            new.reductions.append(index)
            groups.append(new)
        } else {
            let new = FusionGroup(id: groups.count, space: entry.shape, compute: classes[index])
            new.members.append(index)
            groups.append(new)
        }
        group[index] = groups.count - 1
    }

    /// A loop over the same elements that also reads what the reduction reads, or what its argument is computed from.
    private func siblingGroup(_ index: Int) -> Int? {
        let input = graph.entries[index].inputs[0]
        if let sibling = siblingGroup(index, reading: input) { return sibling }
        guard isLoop(input), consumers[input].count == 1, !isOutput[input] else { return nil }
        for operand in graph.entries[input].inputs where graph.entries[operand].shape == graph.entries[input].shape {
            if let sibling = siblingGroup(index, reading: operand) { return sibling }
        }
        return nil
    }

    /// A small loop over the same elements that reads what the entry is computed from, without an edge between them, such
    /// as that of the gradient of another gate of a recurrent cell.
    private func neighborGroup(_ index: Int) -> Int? {
        let shape = graph.entries[index].shape
        var reached = [index], visited: Set<Int> = [index]
        for _ in 0..<4 {
            var next: [Int] = []
            for entry in reached {
                for input in graph.entries[entry].inputs
                where graph.entries[input].shape == shape && isComputed(input) && visited.insert(input).inserted {
                    if let neighbor = neighborGroup(index, reading: input) { return neighbor }
                    if case .elementwise = graph.entries[input].role { next.append(input) }
                }
            }
            reached = next
        }
        return nil
    }

    private func isComputed(_ index: Int) -> Bool {
        switch graph.entries[index].role {
        case .fill, .broadcast: false
        default: true
        }
    }

    private func neighborGroup(_ index: Int, reading input: Int) -> Int? {
        var readers = consumers[input]
        // Parts of one value are neighbours too.
        if case .view = graph.entries[input].role {
            readers += consumers[graph.entries[input].inputs[0]].flatMap { consumers[$0] }
        }
        var refused: Set<Int> = []
        for consumer in readers where consumer != index && refused.count < Self.mostNeighbors {
            guard let candidate = group[consumer], !refused.contains(candidate),
                groups[candidate].members.count < Swift.min(limit, 16),
                groups[candidate].reductions.isEmpty, fits(index, candidate, expanded: false),
                groups[candidate].space == graph.entries[index].shape
            else { continue }
            // What is computed much later, perhaps for the second time, would have to be kept.
            if !graph.isFar(firstMember(candidate) - index), !reaches(consumers[index], candidate) { return candidate }
            refused.insert(candidate)
        }
        return nil
    }

    /// How many loops are looked at as neighbours: each look may walk the whole graph, and a value may have thousands of
    /// parts.
    private static let mostNeighbors = 4

    private func siblingGroup(_ index: Int, reading input: Int) -> Int? {
        for consumer in consumers[input] where consumer != index {
            guard let candidate = group[consumer], groups[candidate].space == graph.entries[input].shape,
                groups[candidate].compute == classes[index], groups[candidate].reductions.count < 4,
                groups[candidate].reductions.allSatisfy({ reducedAxes($0) == reducedAxes(index) })
            else { continue }
            if !reaches(consumers[index], candidate) { return candidate }
        }
        return nil
    }

    private func reducedAxes(_ index: Int) -> Range<Int>? {
        if case .reduce(_, let axes) = graph.entries[index].role { axes } else { nil }
    }

    private func reachesFromOthers(_ edges: [Edge], _ target: Int) -> Bool {
        var starts: [Int] = []
        for edge in edges {
            switch edge {
            case .loop(let group, _) where group != target:
                starts.append(contentsOf: groups[group].members + groups[group].reductions)
            case .other(let entry): starts.append(entry)
            default: break
            }
        }
        return reaches(starts, target)
    }

    /// Whether a path leads from any of the entries (themselves included) into the group, groups taken as one.
    package func reaches(_ starts: [Int], _ target: Int) -> Bool {
        search(starts) { group[$0] == target }
    }

    package func search(_ starts: [Int], _ found: (Int) -> Bool) -> Bool {
        var visited = Set<Int>()
        var visitedGroups = Set<Int>()
        var pending = starts
        while let entry = pending.popLast() {
            guard visited.insert(entry).inserted else { continue }
            if found(entry) { return true }
            if let group = group[entry], visitedGroups.insert(group).inserted {
                pending.append(contentsOf: groups[group].members)
                pending.append(contentsOf: groups[group].reductions)
            }
            pending.append(contentsOf: consumers[entry])
        }
        return false
    }
}
