import CKernels
import Synchronization

/// A compiled computation: a flat list of kernel calls over one arena, ready to run again and again.
///
/// Runs of one program take turns; a run allocates nothing.
package final class Program: @unchecked Sendable {
    package let leaves: [(shape: Shape, dtype: DType)]
    package let results: [(shape: Shape, dtype: DType)]
    /// Bytes of intermediate results and workspaces.
    package let arenaByteCount: Int
    /// Bytes that a run reads and writes, as the plan has it: each operand of each call once, whether it comes from a cache
    /// or not.
    package let movedByteCount: Int
    /// The calls by name, in order.
    package let listing: [String]

    /// For each phase of each call: the position of the call in `listing`.
    private let owners: [Int]
    /// What each call works on.
    package let details: [String]
    private let arena: UnsafeMutableRawPointer
    private let blocks: [ArgumentBlock]
    private let calls: UnsafeMutablePointer<apus_call>
    private let callCount: Int
    private let scratchByteCount: Int
    /// Where the address of each input and result has to be written.
    private let slots: [[(field: UnsafeMutableRawPointer, offset: Int)]]
    private let bound: UnsafeMutablePointer<UnsafeMutableRawPointer?>
    private let checks: [(error: UnsafeMutablePointer<apus_index_error>, check: KernelCheck)]
    private let turn = Mutex(())

    init(_ planned: PlannedCalls) {
        let (leaves, results, plan) = (planned.leaves, planned.results, planned.plan)
        self.leaves = leaves
        self.results = results
        arenaByteCount = plan.byteCount
        movedByteCount = planned.movedByteCount
        let arena = UnsafeMutableRawPointer.allocate(byteCount: max(plan.byteCount, 64) + 64, alignment: 4096)
        self.arena = arena
        let externalCount = leaves.count + results.count
        var slots = [[(field: UnsafeMutableRawPointer, offset: Int)]](repeating: [], count: externalCount)
        var blocks: [ArgumentBlock] = []
        var list: [apus_call] = []
        var listing: [String] = []
        var owners: [Int] = []
        var scratch = 0
        var connected = Set<ObjectIdentifier>()
        func connect(_ block: ArgumentBlock) {
            guard connected.insert(ObjectIdentifier(block)).inserted else { return }
            blocks.append(block)
            for pointer in block.pointers {
                let field = block.memory + pointer.field
                if pointer.buffer < externalCount {
                    slots[pointer.buffer].append((field, pointer.offset))
                } else {
                    field.storeBytes(
                        of: arena + plan.offsets[pointer.buffer - externalCount] + pointer.offset,
                        as: UnsafeMutableRawPointer.self)
                }
            }
            for child in block.children { connect(child) }
        }
        for call in planned.calls {
            connect(call.arguments)
            scratch = max(scratch, Int(call.plan.scratch))
            let phases = call.phases
            owners += phases.map { _ in listing.count }
            list += phases
            listing.append(call.name)
        }
        self.listing = listing
        self.owners = owners
        details = planned.calls.map(\.detail)
        self.blocks = blocks
        self.slots = slots
        scratchByteCount = scratch
        callCount = list.count
        self.calls = .allocate(capacity: max(list.count, 1))
        self.calls.initialize(from: list, count: list.count)
        bound = .allocate(capacity: max(externalCount, 1))
        bound.initialize(repeating: nil, count: max(externalCount, 1))
        self.checks = planned.checks.map { check in
            let address = arena + plan.offsets[check.buffer - externalCount]
            return (address.bindMemory(to: apus_index_error.self, capacity: 1), check)
        }
    }

    deinit {
        arena.deallocate()
        calls.deallocate()
        bound.deallocate()
    }

    /// Runs with the given addresses of inputs (updated ones are written) and results.
    package func run(
        inputs: UnsafeBufferPointer<UnsafeMutableRawPointer>, results: UnsafeBufferPointer<UnsafeMutableRawPointer>
    ) throws(ApusError) {
        let failure = turn.withLock { _ -> ApusError? in
            bind(inputs, from: 0)
            bind(results, from: leaves.count)
            for check in checks { check.error.pointee = apus_index_error(position: 0, value: 0) }
            apus_run(calls, callCount, scratchByteCount, Int32(Device.threads))
            for (error, check) in checks where error.pointee.position != 0 {
                return check.error(Int(error.pointee.position) - 1, Int(error.pointee.value))
            }
            return nil
        }
        if let failure { throw failure }
    }

    /// Runs call by call and returns the fastest time of each over some runs, in seconds.
    package func profile(
        inputs: UnsafeBufferPointer<UnsafeMutableRawPointer>, results: UnsafeBufferPointer<UnsafeMutableRawPointer>,
        runs: Int, clock: () -> Double
    ) -> [(name: String, detail: String, seconds: Double)] {
        turn.withLock { _ in
            bind(inputs, from: 0)
            bind(results, from: leaves.count)
            var best = [Double](repeating: .infinity, count: callCount)
            for _ in 0..<runs {
                for index in 0..<callCount {
                    let start = clock()
                    apus_run(calls + index, 1, scratchByteCount, Int32(Device.threads))
                    best[index] = Swift.min(best[index], clock() - start)
                }
            }
            var seconds = [Double](repeating: 0, count: listing.count)
            for (index, owner) in owners.enumerated() { seconds[owner] += best[index] }
            return listing.indices.map { (listing[$0], details[$0], seconds[$0]) }
        }
    }

    private func bind(_ addresses: UnsafeBufferPointer<UnsafeMutableRawPointer>, from first: Int) {
        for (position, address) in addresses.enumerated() where bound[first + position] != address {
            bound[first + position] = address
            for slot in slots[first + position] {
                slot.field.storeBytes(of: address + slot.offset, as: UnsafeMutableRawPointer.self)
            }
        }
    }

    /// Runs on storages and returns new ones for the results.
    package func run(_ inputs: [Storage]) throws(ApusError) -> [Storage] {
        let outputs = results.map { Storage(byteCount: $0.shape.count * $0.dtype.size) }
        let failure = withExtendedLifetime((inputs, outputs)) { () -> ApusError? in
            let sources = inputs.map(\.pointer)
            let targets = outputs.map(\.pointer)
            return sources.withUnsafeBufferPointer { sources -> ApusError? in
                targets.withUnsafeBufferPointer { targets -> ApusError? in
                    do throws(ApusError) {
                        try run(inputs: sources, results: targets)
                        return nil
                    } catch {
                        return error
                    }
                }
            }
        }
        if let failure { throw failure }
        return outputs
    }
}

/// The processor that programs run on.
public enum Device {
    private static let threadCount = Atomic<Int>(Int(apus_processors()))

    /// How many threads kernels use; by default all processors of this process. Results do not depend on it.
    public static var threads: Int {
        get { threadCount.load(ordering: .relaxed) }
        set { threadCount.store(Swift.min(Swift.max(newValue, 1), 256), ordering: .relaxed) }
    }

    /// The instruction set that kernels use, such as `avx512`.
    public static var instructionSet: String { String(cString: apus_isa_name(apus_isa())) }
}
