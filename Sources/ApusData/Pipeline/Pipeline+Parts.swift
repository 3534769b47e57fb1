import ApusCore

extension Pipeline {
    /// The first elements.
    public func take(_ limit: Int) -> Pipeline<Element> {
        let limit = max(limit, 0)
        let open = open
        return rearranged(
            next(.take, ["\(limit)"]), count: count.map { min($0, limit) },
            { (_, count) in (min(count, limit), { $0 }) }
        ) { run throws(ApusError) in
            let source = try open(run)
            var rest = limit
            return ClosureCursor<Element>(
                skip: { (count) throws(ApusError) in
                    let skipped = try source.skip(min(count, rest))
                    rest -= skipped
                    return skipped
                }
            ) { (count) throws(ApusError) in
                let elements = try source.next(min(count, rest))
                rest -= elements.count
                return elements
            }
        }
    }

    /// The elements after the first ones.
    public func skip(_ number: Int) -> Pipeline<Element> {
        let number = max(number, 0)
        let open = open
        return rearranged(
            next(.skip, ["\(number)"]), count: count.map { max($0 - number, 0) },
            { (_, count) in (max(count - number, 0), { $0 + number }) }
        ) { run throws(ApusError) in
            let source = try open(run)
            _ = try source.skip(number)
            return source
        }
    }

    /// Every so many elements one, beginning with `index`: disjoint parts for several machines.
    ///
    /// - Parameters:
    ///   - index: which part, from 0
    ///   - parts: how many there are
    public func shard(_ index: Int, of parts: Int) -> Pipeline<Element> {
        let stage = next(.shard, ["\(index) of \(parts)"])
        guard parts > 0, (0..<parts).contains(index) else {
            return Pipeline(
                stage,
                error: ApusError(
                    .value, in: "pipeline shard", "part \(index) of \(parts)",
                    remedy: "use 1 or more parts, and one from 0 to below their number"))
        }
        let open = open
        @Sendable func share(_ count: Int) -> Int { count > index ? (count - index - 1) / parts + 1 : 0 }
        return rearranged(stage, count: count.map(share), { (_, count) in (share(count), { $0 * parts + index }) }) {
            run throws(ApusError) in
            let source = try open(run)
            var isFirst = true
            return ClosureCursor<Element> { (count) throws(ApusError) in
                var result: [Element] = []
                while result.count < count {
                    _ = try source.skip(isFirst ? index : parts - 1)
                    isFirst = false
                    guard let element = try source.one() else { break }
                    result.append(element)
                }
                return result
            }
        }
    }

    /// The elements again and again.
    ///
    /// Each pass draws anew: pass `p` of epoch `e` is that of epoch `e * passes + p` (of epoch `e * 2^20 + p` without
    /// an end).
    ///
    /// - Parameter passes: how often; nil for no end
    public func `repeat`(_ passes: Int? = nil) -> Pipeline<Element> {
        let stage = next(.repeat, [passes.map { "\($0) passes" } ?? "without end"])
        guard passes ?? 0 >= 0 else {
            return Pipeline(
                stage,
                error: ApusError(
                    .value, in: "pipeline repeat", "\(passes ?? 0) passes", remedy: "use 0 or more, or nil for no end"))
        }
        let (open, passLength) = (open, count)
        let total = passes.flatMap { passes in count.map { Shape.product($0, passes) } }
        return Pipeline(stage, count: total, workers: workers, observers: observers) { run throws(ApusError) in
            var pass = 0
            var source: Cursor<Element>?
            func current() throws(ApusError) -> Cursor<Element>? {
                if let source { return source }
                if let passes, pass >= passes { return nil }
                let epoch = run.epoch &* (passes ?? 1 << 20) &+ pass
                source = try open(run.inEpoch(epoch))
                return source
            }
            var wasEmpty = false
            /// Goes through the passes; a pass without elements ends an endless repetition.
            func advance(
                _ count: Int, _ step: (Cursor<Element>, Int) throws(ApusError) -> Int
            ) throws(ApusError) -> Int {
                var done = 0
                while done < count {
                    guard let cursor = try current() else { break }
                    let given = try step(cursor, count - done)
                    done += given
                    if given > 0 {
                        wasEmpty = false
                    } else {
                        if wasEmpty { break }
                        wasEmpty = true
                        source = nil
                        pass += 1
                    }
                }
                return done
            }
            return ClosureCursor<Element>(
                skip: { (count) throws(ApusError) in
                    var done = 0
                    // Whole passes need not be opened.
                    if let length = passLength, length > 0, source == nil {
                        let whole = min(count / length, passes.map { $0 - pass } ?? .max)
                        pass += whole
                        done = whole * length
                    }
                    return done
                        + (try advance(count - done) { (cursor, count) throws(ApusError) in try cursor.skip(count) })
                }
            ) { (count) throws(ApusError) in
                var result: [Element] = []
                _ = try advance(count) { (cursor, count) throws(ApusError) in
                    let elements = try cursor.next(count)
                    result += elements
                    return elements.count
                }
                return result
            }
        }
    }

    /// Runs of neighbouring elements.
    ///
    /// - Parameters:
    ///   - size: elements a window
    ///   - stride: the distance of the windows' beginnings; by default they touch
    ///   - dropsRemainder: leaves windows at the end out that are not full
    public func window(_ size: Int, stride: Int? = nil, dropsRemainder: Bool = true) -> Pipeline<[Element]> {
        let step = stride ?? size
        let stage = next(.window, ["size \(size)", "stride \(step)"], element: [Element].self)
        guard size > 0, step > 0 else {
            return Pipeline<[Element]>(
                stage,
                error: ApusError(
                    .value, in: "pipeline window", "size \(size) and stride \(step)", remedy: "use 1 or more"))
        }
        @Sendable func windows(_ count: Int) -> Int {
            if dropsRemainder { return count < size ? 0 : (count - size) / step + 1 }
            return count == 0 ? 0 : (count - 1) / step + 1
        }
        if let access {
            return Pipeline<[Element]>(stage, count: count.map(windows), workers: workers, observers: observers) {
                run throws(ApusError) in
                let source = try access(run)
                return Access(count: windows(source.count)) { (indices) throws(ApusError) in
                    var result: [[Element]] = []
                    for index in indices {
                        let first = index * step
                        result.append(try source.elements(Array(first..<min(first + size, source.count))))
                    }
                    return result
                }
            }
        }
        let open = open
        return Pipeline<[Element]>(stage, count: count.map(windows), workers: workers, observers: observers) {
            run throws(ApusError) in
            let source = try open(run)
            var kept: [Element] = []
            var gap = 0
            return ClosureCursor<[Element]> { (count) throws(ApusError) in
                var result: [[Element]] = []
                while result.count < count {
                    if gap > 0 { gap -= try source.skip(gap) }
                    kept += try source.next(size - kept.count)
                    if kept.isEmpty || (dropsRemainder && kept.count < size) { break }
                    result.append(kept)
                    gap = max(step - kept.count, 0)
                    kept = Array(kept.dropFirst(step))
                }
                return result
            }
        }
    }

    /// Groups of elements with an equal key: each as soon as it is full, the incomplete ones at the end in the order of
    /// their first elements.
    public func group<Key: Hashable & Sendable>(
        size: Int, dropsRemainder: Bool = false, by key: @escaping @Sendable (Element) throws -> Key
    ) -> Pipeline<[Element]> {
        let stage = next(.group, ["size \(size)"], element: [Element].self)
        return grouped(stage, sizes: { _ in size }, dropsRemainder: dropsRemainder, key)
    }

    /// Groups of elements by key, whose size depends on the key.
    func grouped<Key: Hashable & Sendable>(
        _ stage: PipelineStage, sizes: @escaping @Sendable (Key) -> Int, dropsRemainder: Bool,
        _ key: @escaping @Sendable (Element) throws -> Key
    ) -> Pipeline<[Element]> {
        let open = open
        return Pipeline<[Element]>(stage, workers: workers, observers: observers, observed: 4) {
            run throws(ApusError) in
            let source = try open(run)
            var groups: [Key: [Element]] = [:]
            var order: [Key] = []
            var ready: [[Element]] = []
            var index = 0
            func place(_ element: Element) throws(ApusError) {
                let name = try onElement(index, of: stage) { try key(element) }
                index += 1
                guard sizes(name) > 0 else {
                    throw ApusError(
                        .value, in: "\(stage)", "groups of \(sizes(name)) elements", remedy: "use 1 or more")
                }
                if groups[name] == nil { order.append(name) }
                groups[name, default: []].append(element)
                if let group = groups[name], group.count == sizes(name) {
                    ready.append(group)
                    groups[name] = nil
                    order.removeAll { $0 == name }
                }
            }
            return ClosureCursor<[Element]> { (count) throws(ApusError) in
                while ready.count < count {
                    // Several at a time, so that what comes before runs on all threads.
                    let block = try source.next(4 * run.team.size)
                    for element in block { try place(element) }
                    if block.isEmpty {
                        for name in order {
                            if let group = groups.removeValue(forKey: name), !dropsRemainder { ready.append(group) }
                        }
                        order = []
                        break
                    }
                }
                let result = Array(ready.prefix(count))
                ready.removeFirst(result.count)
                return result
            }
        }
    }
}
