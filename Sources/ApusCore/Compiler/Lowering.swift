import CKernels

/// What is to be computed: results, and new values of leaves that replace the old ones in place.
package struct ProgramRequest {
    package var results: [Node]
    package var updates: [(leaf: Node, value: Node)]
    package var precision: Precision

    package init(results: [Node], updates: [(leaf: Node, value: Node)] = [], precision: Precision = .fast) {
        self.results = results
        self.updates = updates
        self.precision = precision
    }
}

/// Turns a simplified graph into kernel calls on planned memory.
///
/// Entries that have to be in memory are computed by *units*: a fused loop, a kernel (with a fused loop riding on it as
/// its epilogue), a concatenation or padding, a copy. Units are put in order, their buffers get lifetimes and offsets
/// in one arena, and each emits its calls.
package struct Lowering {
    let graph: Graph
    let fusion: Fusion
    let precision: Precision
    let resultCount: Int
    /// For each update: the leaf (position among the program's inputs).
    let updateLeaves: [Int]

    enum Work {
        case loop(group: Int)
        /// A kernel; `group` is the loop that rides on it.
        case kernel(entry: Int, group: Int?)
        case assemble(entry: Int)
        case fill(entry: Int)
        /// A dense copy of the entry's view (a reshape that strides can't express).
        case copy(entry: Int)
        case result(Int)
        case update(Int)
    }

    struct Unit {
        var work: Work
        /// Base entries read and written.
        var reads: Set<Int>
        var writes: [Int]
        var successors: Set<Int> = []
        var predecessorCount = 0
        var order: Int
    }

    /// Each entry's elements, as a view whose buffer is the entry that holds them.
    private(set) var places: [View] = []
    private(set) var copies: Set<Int> = []
    /// Results of loops that are written right into their regions of an assembled value, by entry: the assembled one.
    private(set) var embedded: [Int: Int] = [:]
    private(set) var units: [Unit] = []
    private var producer: [Int: Int] = [:]
    /// The kernel on which a group rides.
    private var carrier: [Int: Int] = [:]

    package init(
        graph: Graph, fusion: Fusion, precision: Precision, resultCount: Int, updateLeaves: [Int]
    ) {
        self.graph = graph
        self.fusion = fusion
        self.precision = precision
        self.resultCount = resultCount
        self.updateLeaves = updateLeaves
    }

    // Steps, in order; Compiler.swift calls them.

    /// Where each entry's elements will be.
    mutating func findPlaces() {
        for (index, entry) in graph.entries.enumerated() {
            let own = View(buffer: index, shape: entry.shape, dtype: entry.dtype)
            switch entry.role {
            case .view(let map):
                if let view = map(places[entry.inputs[0]]) {
                    places.append(view)
                } else {
                    copies.insert(index)
                    places.append(own)
                }
            case .broadcast:
                places.append(places[entry.inputs[0]].broadcast(to: entry.shape))
            default:
                places.append(own)
            }
        }
        for index in graph.entries.indices { embedParts(of: index) }
    }

    /// Has loops write the parts of a value that nobody else reads where they belong.
    private mutating func embedParts(of index: Int) {
        let entry = graph.entries[index]
        guard case .assemble(nil, let regions) = entry.role else { return }
        let views = regions(places[index], entry.inputs.map { graph.entries[$0].shape })
        for (input, view) in zip(entry.inputs, views) {
            guard let group = fusion.group[input], fusion.groups[group].members.contains(input),
                !fusion.groups[group].rowMembers.contains(input), graph.entries[input].dtype == entry.dtype,
                fusion.consumers[input].allSatisfy({ $0 == index || fusion.group[$0] == group }),
                entry.inputs.filter({ $0 == input }).count == 1, !graph.outputs.contains(input),
                view.denseRun >= Self.shortestRun
            else { continue }
            embedded[input] = index
            places[input] = view
        }
    }

    /// Loops over shorter runs cost more than a copy of what they give.
    private static let shortestRun = 64

    /// Lets loops ride on the kernels that feed them.
    mutating func attachEpilogues() {
        let outputs = Set(graph.outputs)
        for group in fusion.groups where mayRide(group) {
            var candidate: Int?
            for member in group.members {
                for input in graph.entries[member].inputs {
                    if let kernel = carrierKernel(input, group, outputs), kernel > candidate ?? -1 {
                        candidate = kernel
                    }
                }
            }
            guard let kernel = candidate, group.space.count > 0 else { continue }
            // Nothing that the loop gives may be needed by the kernel.
            let starts = (group.members + group.reductions).flatMap { fusion.consumers[$0] }
                .filter { fusion.group[$0] != group.id }
            if fusion.search(starts, { $0 == kernel }) { continue }
            let columns = graph.entries[kernel].shape[-1]
            if (try? writeLoop(group, buffer: { $0 }).arguments(columns: columns)) != nil {
                carrier[group.id] = kernel
            }
        }
    }

    /// Whether a loop is of the kind that can be an epilogue: each element for itself, and sums over all rows, of which
    /// there must be many beside the tasks that gather them.
    private func mayRide(_ group: FusionGroup) -> Bool {
        guard group.rowMembers.isEmpty, group.space.rank >= 1 else { return false }
        if group.reductions.isEmpty { return true }
        let columns = group.space[-1]
        guard columns > 0, group.space.count / columns >= 1024, group.compute != .int64 else { return false }
        return group.reductions.allSatisfy { entry in
            if case .reduce(_, let axes) = graph.entries[entry].role { axes == 0..<group.space.rank - 1 } else { false }
        }
    }

    /// The kernel behind an operand of a group if nobody else needs its raw result.
    private func carrierKernel(_ input: Int, _ group: FusionGroup, _ outputs: Set<Int>) -> Int? {
        var entry = input
        while true {
            guard !outputs.contains(entry),
                fusion.consumers[entry].allSatisfy({ consumer in
                    entry == input ? fusion.group[consumer] == group.id : true
                })
            else { return nil }
            switch graph.entries[entry].role {
            case .kernel(offersEpilogue: true):
                let kernel = graph.entries[entry]
                guard kernel.shape.count == group.space.count, kernel.shape[-1] == group.space[-1],
                    ComputeClass(kernel.dtype) == group.compute,
                    carrier.values.allSatisfy({ $0 != entry })
                else { return nil }
                return entry
            case .view:
                // Only a reshape of the whole, with one consumer.
                guard !copies.contains(entry), places[entry].isDense, places[entry].offset == 0,
                    graph.entries[entry].operation is Reshape,
                    fusion.consumers[graph.entries[entry].inputs[0]].count == 1
                else { return nil }
                entry = graph.entries[entry].inputs[0]
            default:
                return nil
            }
        }
    }

    mutating func makeUnits() {
        var needed: [Int] = []
        var isNeeded = [Bool](repeating: false, count: graph.entries.count)
        func need(_ entry: Int) {
            if !isNeeded[entry] {
                isNeeded[entry] = true
                needed.append(entry)
            }
        }
        let ridden = Dictionary(uniqueKeysWithValues: carrier.map { ($0.value, $0.key) })
        // Everything that a group, kernel or assembly reads or an output names has to be in memory.
        var works: [(work: Work, reads: Set<Int>, writes: [Int], order: Int)] = []
        for group in fusion.groups {
            let writes = storedEntries(group)
            let reads = groupReads(group)
            if let kernel = carrier[group.id] {
                var all = reads
                all.remove(kernel)
                all.formUnion(graph.entries[kernel].inputs.map { places[$0].buffer })
                works.append(
                    (.kernel(entry: kernel, group: group.id), all, [kernel] + writes, (writes + [kernel]).max() ?? 0))
            } else {
                works.append((.loop(group: group.id), reads, writes, writes.max() ?? 0))
            }
        }
        for (index, entry) in graph.entries.enumerated() {
            let reads = Set(entry.inputs.map { places[$0].buffer })
            switch entry.role {
            case .kernel where ridden[index] == nil:
                works.append((.kernel(entry: index, group: nil), reads, [index], index))
            case .assemble:
                // Parts that loops write come before as well.
                works.append((.assemble(entry: index), reads.subtracting([index]), [index], index))
            case .view where copies.contains(index):
                works.append((.copy(entry: index), reads, [index], index))
            default: break
            }
        }
        for work in works { for read in work.reads { need(read) } }
        for output in graph.outputs { need(places[output].buffer) }
        for entry in needed {
            if case .fill = graph.entries[entry].role { works.append((.fill(entry: entry), [], [entry], entry)) }
        }
        works.sort { $0.order < $1.order }
        for work in works {
            for entry in work.writes { producer[entry] = units.count }
            units.append(Unit(work: work.work, reads: work.reads, writes: work.writes, order: work.order))
        }
        for index in units.indices {
            for read in units[index].reads {
                if let source = producer[read], source != index { addEdge(source, index) }
            }
        }
        for (part, whole) in embedded {
            if let source = producer[part], let target = producer[whole] { addEdge(source, target) }
        }
    }

    private mutating func addEdge(_ from: Int, _ to: Int) {
        if units[from].successors.insert(to).inserted { units[to].predecessorCount += 1 }
    }

    /// Members and reductions whose values must be in memory.
    func storedEntries(_ group: FusionGroup) -> [Int] {
        var stored = group.reductions
        let outputs = Set(graph.outputs)
        for member in group.members {
            let inside = fusion.consumers[member].allSatisfy { consumer in
                if fusion.group[consumer] == group.id { return true }
                if case .broadcast = graph.entries[consumer].role, !outputs.contains(consumer) {
                    return graph.entries[consumer].shape == group.space && group.rowMembers.contains(member)
                        && fusion.consumers[consumer].allSatisfy { fusion.group[$0] == group.id }
                }
                return false
            }
            if !inside || outputs.contains(member) { stored.append(member) }
        }
        return stored
    }

    /// The base entries that a group reads from memory.
    private func groupReads(_ group: FusionGroup) -> Set<Int> {
        var reads = Set<Int>()
        for entry in group.members + group.reductions {
            for input in graph.entries[entry].inputs
            where fusion.group[input] != group.id || !group.members.contains(input) {
                if case .fill = graph.entries[input].role { continue }
                if case .broadcast = graph.entries[input].role,
                    group.rowMembers.contains(graph.entries[input].inputs[0])
                {
                    continue
                }
                reads.insert(places[input].buffer)
            }
        }
        return reads
    }

    // Results and updates: which entries are computed right where they are wanted.

    /// The buffer that an entry's elements are computed into, if it is not one of the arena.
    private(set) var external: [Int: External] = [:]

    enum External: Hashable {
        case leaf(Int)
        case result(Int)
    }

    mutating func placeOutputs() {
        for (position, leaf) in graph.leaves.enumerated() {
            if let leaf { external[leaf] = .leaf(position) }
        }
        for position in 0..<resultCount {
            let entry = graph.outputs[position]
            let (place, base) = (places[entry], places[entry].buffer)
            // Under another shape perhaps, but all of it.
            let isWhole = place.isDense && place.offset == 0 && graph.entries[base].shape.count == place.shape.count
            if isWhole, external[base] == nil, producer[base] != nil {
                external[base] = .result(position)
            } else {
                addFinal(.result(position), reads: base, order: entry)
            }
        }
        // New values that are themselves old values of leaves are read before anything is written.
        for update in updateLeaves.indices {
            let entry = graph.outputs[resultCount + update]
            if case .leaf = graph.entries[places[entry].buffer].role { addCopy(of: entry) }
        }
        for (update, leafPosition) in updateLeaves.enumerated() {
            guard let leaf = graph.leaves[leafPosition] else {
                let entry = graph.outputs[resultCount + update]
                addFinal(.update(update), reads: copiedPlaces[entry] ?? places[entry].buffer, order: .max)
                continue
            }
            let entry = graph.outputs[resultCount + update]
            let readers = units.indices.filter { units[$0].reads.contains(leaf) }
            if let unit = producer[entry], external[entry] == nil, canReplace(leaf, unit: unit, entry: entry),
                readers.allSatisfy({ $0 == unit || !reaches(unit, $0) })
            {
                external[entry] = .leaf(leafPosition)
                for reader in readers where reader != unit { addEdge(reader, unit) }
                units[unit].order = -1
                continue
            }
            let source = copiedPlaces[entry] ?? places[entry].buffer
            let unit = addFinal(.update(update), reads: source, order: .max)
            for reader in readers where reader != unit { addEdge(reader, unit) }
        }
    }

    @discardableResult private mutating func addFinal(_ work: Work, reads: Int, order: Int) -> Int {
        units.append(Unit(work: work, reads: [reads], writes: [], order: order))
        if let source = producer[reads] { addEdge(source, units.count - 1) }
        return units.count - 1
    }

    /// Places of entries copied for an update, by entry.
    private(set) var copiedPlaces: [Int: Int] = [:]

    private mutating func addCopy(of entry: Int) {
        guard copiedPlaces[entry] == nil else { return }
        let pseudo = graph.entries.count + copiedPlaces.count
        copiedPlaces[entry] = pseudo
        producer[pseudo] = units.count
        units.append(
            Unit(work: .copy(entry: entry), reads: [places[entry].buffer], writes: [pseudo], order: entry))
    }

    private func canReplace(_ leaf: Int, unit: Int, entry: Int) -> Bool {
        guard places[entry].buffer == entry, graph.entries[entry].shape == graph.entries[leaf].shape,
            graph.entries[entry].dtype == graph.entries[leaf].dtype
        else { return false }
        let group: FusionGroup
        switch units[unit].work {
        case .loop(let id): group = fusion.groups[id]
        case .kernel(let kernel, let id?):
            // The kernel itself must not read what the loop replaces.
            if graph.entries[kernel].inputs.contains(where: { places[$0].buffer == leaf }) { return false }
            if entry == kernel { return false }
            group = fusion.groups[id]
        case .kernel(let kernel, nil):
            // Only the input that the kernel may write onto is the leaf, as a whole.
            guard entry == kernel, let replaceable = graph.entries[kernel].operation.replaceableInput else {
                return false
            }
            return graph.entries[kernel].inputs.enumerated().allSatisfy { position, input in
                position == replaceable ? input == leaf : places[input].buffer != leaf
            }
        default: return false
        }
        guard group.members.contains(entry), !group.rowMembers.contains(entry) else { return false }
        // Within the loop every read of the leaf must be of the very element that is replaced.
        for member in group.members + group.reductions {
            for input in graph.entries[member].inputs where places[input].buffer == leaf {
                if places[input].strides != places[leaf].strides || places[input].offset != 0 { return false }
            }
        }
        return true
    }

    private func reaches(_ from: Int, _ to: Int) -> Bool {
        var visited = Set<Int>()
        var pending = Array(units[from].successors)
        while let unit = pending.popLast() {
            if unit == to { return true }
            if visited.insert(unit).inserted { pending.append(contentsOf: units[unit].successors) }
        }
        return false
    }

    /// An order of the units: as traced, but updates run as soon as nothing needs the old value.
    func schedule() throws(ApusError) -> [Int] {
        var remaining = units.map(\.predecessorCount)
        var ready = units.indices.filter { remaining[$0] == 0 }
        var order: [Int] = []
        while !ready.isEmpty {
            // Of equals the first: successors are a set, whose order differs from process to process.
            var best = 0
            for position in ready.indices
            where (units[ready[position]].order, ready[position]) < (units[ready[best]].order, ready[best]) {
                best = position
            }
            let unit = ready.remove(at: best)
            order.append(unit)
            for next in units[unit].successors {
                remaining[next] -= 1
                if remaining[next] == 0 { ready.append(next) }
            }
        }
        guard order.count == units.count else {
            throw ApusError(
                .unsupported, in: "compiler", "\(units.count - order.count) units of the program wait for each other",
                remedy: "report this as a defect")
        }
        return order
    }

    // Loops.

    /// The program of a group. `buffer` maps base entries to buffers.
    func writeLoop(_ group: FusionGroup, buffer: (Int) -> Int) -> FusedLoop {
        var loop = FusedLoop(space: group.space, compute: group.compute)
        var registers: [Int: FusedLoop.Register] = [:]
        var expanded: [Int: FusedLoop.Register] = [:]
        let inGroup = Set(group.members)
        func located(_ entry: Int) -> View {
            var view = places[entry]
            view.buffer = buffer(view.buffer)
            return view
        }
        func value(_ input: Int, isRow: Bool) -> FusedLoop.Register {
            let entry = graph.entries[input]
            if inGroup.contains(input), let register = registers[input] { return register }
            if case .fill(let value) = entry.role { return loop.constant(value, isRow: isRow) }
            if case .broadcast = entry.role, let row = registers[entry.inputs[0]],
                group.rowMembers.contains(entry.inputs[0])
            {
                if let known = expanded[entry.inputs[0]] { return known }
                let register = loop.apply(APUS_EXPAND, [row], isRow: false)
                expanded[entry.inputs[0]] = register
                return register
            }
            return loop.load(located(input).broadcast(to: group.space), isRow: isRow)
        }
        for member in group.members {
            let entry = graph.entries[member]
            let isRow = group.rowMembers.contains(member)
            switch entry.role {
            case .elementwise(let opcode):
                let inputs = entry.inputs.map { value($0, isRow: isRow) }
                registers[member] = loop.apply(Int(opcode), inputs, isRow: isRow)
            case .cast:
                let input = value(entry.inputs[0], isRow: isRow)
                if entry.dtype == .bool {
                    let zero = loop.constant(0, isRow: isRow)
                    registers[member] = loop.apply(APUS_NOT_EQUAL, [input, zero], isRow: isRow)
                } else {
                    registers[member] = input
                }
            case .reduce(let reduction, _):
                let input = value(entry.inputs[0], isRow: false)
                registers[member] = loop.apply(Int(reduction.rowOpcode), [input], isRow: true)
            default: break
            }
        }
        for entry in storedEntries(group) {
            if group.reductions.contains(entry) {
                if case .reduce(let reduction, let axes) = graph.entries[entry].role {
                    let input = value(graph.entries[entry].inputs[0], isRow: false)
                    loop.reduce(reduction, input, over: axes, to: located(entry))
                }
            } else if let register = registers[entry] {
                loop.store(register, to: located(entry).broadcast(to: group.space))
            }
        }
        return loop
    }
}
