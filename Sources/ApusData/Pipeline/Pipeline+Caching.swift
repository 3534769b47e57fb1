import ApusCore
import Synchronization

extension Pipeline {
    /// Keeps the elements in memory once they have been computed: later epochs read no source.
    ///
    /// What is random before this stage is drawn once, as in epoch 0; what comes after it is drawn anew in each epoch.
    /// The elements belong to this value and its copies.
    public func cache() -> Pipeline<Element> {
        let stage = next(.cache, ["in memory"])
        if let access {
            let kept = KeptElements<Element>()
            return Pipeline(stage, count: count, workers: workers, observers: observers) { run throws(ApusError) in
                let source = try access(run.inEpoch(0))
                return Access(count: source.count) { (indices) throws(ApusError) in
                    try kept.elements(indices) { (missing) throws(ApusError) in try source.elements(missing) }
                }
            }
        }
        let open = open
        let kept = KeptStream<Element>()
        return Pipeline(stage, count: count, workers: workers, observers: observers) { run throws(ApusError) in
            var source: Cursor<Element>?
            var position = 0
            func read(_ count: Int) throws(ApusError) -> [Element] {
                if let known = kept.known(from: position, count) {
                    position += known.count
                    return known
                }
                // Another pass may have read less or more meanwhile.
                let cursor = if let source { source } else { try open(run.inEpoch(0)) }
                if source == nil { _ = try cursor.skip(position) }
                source = cursor
                let elements = try cursor.next(count)
                kept.add(elements, at: position, isLast: elements.count < count)
                position += elements.count
                return elements
            }
            return ClosureCursor(
                skip: { (count) throws(ApusError) in
                    var done = 0
                    while done < count {
                        let step = try read(count - done).count
                        if step == 0 { break }
                        done += step
                    }
                    return done
                }, { (count) throws(ApusError) in try read(count) })
        }
    }

    /// Computes elements ahead of their use, on a thread of its own.
    ///
    /// - Parameter depth: how many wait at most
    public func prefetch(_ depth: Int = 2) -> Pipeline<Element> {
        let depth = min(max(depth, 1), 1 << 16)
        let stage = next(.prefetch, ["\(depth)"])
        let open = open
        return Pipeline(stage, count: count, workers: workers, observers: observers) { run throws(ApusError) in
            PrefetchCursor(try open(run), depth: depth)
        }
    }
}

/// Elements by number.
private final class KeptElements<Element: Sendable>: Sendable {
    private let held = Mutex<[Int: Element]>([:])

    func elements(
        _ indices: [Int], _ compute: ([Int]) throws(ApusError) -> [Element]
    ) throws(ApusError) -> [Element] {
        let missing = held.withLock { held in indices.filter { held[$0] == nil } }
        if !missing.isEmpty {
            let computed = try compute(missing)
            held.withLock { held in
                for (index, element) in Swift.zip(missing, computed) { held[index] = element }
            }
        }
        return held.withLock { held in indices.compactMap { held[$0] } }
    }
}

/// Elements in order, as far as they have been read.
private final class KeptStream<Element: Sendable>: Sendable {
    private let state = Mutex<(elements: [Element], isComplete: Bool)>(([], false))

    /// Elements from a position on, unless none are known and there may be more.
    func known(from position: Int, _ count: Int) -> [Element]? {
        state.withLock { state in
            guard position < state.elements.count else { return state.isComplete ? [] : nil }
            return Array(state.elements[position...].prefix(count))
        }
    }

    func add(_ elements: [Element], at position: Int, isLast: Bool) {
        state.withLock { state in
            guard !state.isComplete, position <= state.elements.count else { return }
            state.elements += elements.dropFirst(state.elements.count - position)
            if isLast { state.isComplete = true }
        }
    }
}

/// Reads another cursor on a thread of its own.
private final class PrefetchCursor<Element: Sendable>: Cursor<Element> {
    private let source: Cursor<Element>
    private let queue: PrefetchQueue<Element>
    private var thread: BackgroundThread?
    private var isAtEnd = false

    init(_ source: Cursor<Element>, depth: Int) {
        self.source = source
        queue = PrefetchQueue(source, depth: depth)
    }

    deinit {
        queue.stop()
        thread?.join()
    }

    override func next(_ count: Int) throws(ApusError) -> [Element] {
        if thread == nil {
            let queue = queue
            thread = try BackgroundThread { queue.fill() }
        }
        var result: [Element] = []
        while result.count < count, !isAtEnd {
            if let element = try queue.take() { result.append(element) } else { isAtEnd = true }
        }
        return result
    }

    override func skip(_ count: Int) throws(ApusError) -> Int {
        thread == nil ? try source.skip(count) : try super.skip(count)
    }
}

/// Elements between the thread that reads them and the one that uses them.
private final class PrefetchQueue<Element: Sendable>: @unchecked Sendable {
    private let source: Cursor<Element>
    private let depth: Int
    private let monitor = Monitor()
    private var waiting: [Element] = []
    private var failure: ApusError?
    private var isAtEnd = false
    private var isStopped = false

    init(_ source: Cursor<Element>, depth: Int) {
        self.source = source
        self.depth = depth
    }

    func fill() {
        let block = max(1, min(depth / 2, 32))
        while true {
            guard monitor.when({ isStopped || waiting.count <= depth - block }, { !isStopped }) else { return }
            do throws(ApusError) {
                let elements = try source.next(block)
                monitor.when {
                    waiting += elements
                    isAtEnd = elements.count < block
                }
                if elements.count < block { return }
            } catch {
                monitor.when {
                    failure = error
                    isAtEnd = true
                }
                return
            }
        }
    }

    func take() throws(ApusError) -> Element? {
        let element = monitor.when({ isAtEnd || !waiting.isEmpty }) {
            waiting.isEmpty ? nil : waiting.removeFirst()
        }
        if element == nil, let failure { throw failure }
        return element
    }

    func stop() { monitor.when { isStopped = true } }
}
