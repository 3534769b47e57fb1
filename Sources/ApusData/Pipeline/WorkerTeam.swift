import ApusCore
import Synchronization

/// Threads that share the elements of a block: which of them computes an element makes no difference to it.
package final class WorkerTeam: Sendable {
    /// The number of threads, with the one that asks.
    package let size: Int
    private let board: Board
    private let threads: Mutex<[Held]>

    private struct Held: @unchecked Sendable { let thread: BackgroundThread }

    /// - Parameter size: 1 computes everything where it is asked for
    package init(size: Int) throws(ApusError) {
        self.size = min(max(size, 1), 256)
        let board = Board()
        self.board = board
        var started: [Held] = []
        for _ in 1..<max(self.size, 1) where self.size > 1 {
            do throws(ApusError) {
                started.append(Held(thread: try BackgroundThread { board.work() }))
            } catch {
                board.stop()
                for held in started { held.thread.join() }
                throw error
            }
        }
        threads = Mutex(started)
    }

    deinit {
        board.stop()
        for held in threads.withLock({ $0 }) { held.thread.join() }
    }

    /// The results for `0..<count` in order; of several errors that of the first element.
    package func map<Result: Sendable>(
        _ count: Int, _ body: @escaping @Sendable (Int) throws(ApusError) -> Result
    ) throws(ApusError) -> [Result] {
        guard count > 0 else { return [] }
        let results = Results<Result>(count)
        if size == 1 || count == 1 {
            for index in 0..<count { results.set(index, try body(index)) }
            return results.take()
        }
        let job = Job(count: count) { index in
            do throws(ApusError) {
                results.set(index, try body(index))
            } catch {
                results.fail(index, error)
            }
        }
        // While the team is at work for another block, this thread does it alone.
        let isShared = board.post(job)
        job.run()
        if isShared { board.finish() }
        if let error = results.firstError { throw error }
        return results.take()
    }
}

/// One block: its elements are claimed one after the other.
private final class Job: Sendable {
    private let count: Int
    private let next = Atomic<Int>(0)
    private let body: @Sendable (Int) -> Void

    init(count: Int, _ body: @escaping @Sendable (Int) -> Void) {
        self.count = count
        self.body = body
    }

    func run() {
        while true {
            let index = next.wrappingAdd(1, ordering: .relaxed).oldValue
            if index >= count { return }
            body(index)
        }
    }
}

/// Where the block that is being worked on is announced.
private final class Board: @unchecked Sendable {
    private let monitor = Monitor()
    private var job: Job?
    private var number = 0
    private var active = 0
    private var isBusy = false
    private var isStopped = false

    func post(_ job: Job) -> Bool {
        monitor.when {
            guard !isBusy else { return false }
            isBusy = true
            self.job = job
            number += 1
            return true
        }
    }

    /// Waits for those that still compute.
    func finish() {
        monitor.when { job = nil }
        monitor.when({ active == 0 }) { isBusy = false }
    }

    func work() {
        var seen = 0
        while true {
            let job = monitor.when({ isStopped || (self.job != nil && number != seen) }) { () -> Job? in
                if isStopped { return nil }
                seen = number
                active += 1
                return self.job
            }
            guard let job else { return }
            job.run()
            monitor.when { active -= 1 }
        }
    }

    func stop() { monitor.when { isStopped = true } }
}

/// The results of a block; each is written by one thread.
private final class Results<Result: Sendable>: @unchecked Sendable {
    private let places: UnsafeMutableBufferPointer<Result?>
    private let failure = Mutex<(index: Int, error: ApusError)?>(nil)

    init(_ count: Int) {
        places = .allocate(capacity: count)
        places.initialize(repeating: nil)
    }

    deinit {
        places.deinitialize()
        places.deallocate()
    }

    func set(_ index: Int, _ result: Result) { places[index] = result }

    func fail(_ index: Int, _ error: ApusError) {
        failure.withLock { known in
            if known.map({ index < $0.index }) ?? true { known = (index, error) }
        }
    }

    var firstError: ApusError? { failure.withLock { $0?.error } }

    func take() -> [Result] { places.compactMap { $0 } }
}
