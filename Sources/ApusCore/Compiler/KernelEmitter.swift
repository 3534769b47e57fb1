import CKernels

/// The memory that a program's kernel calls read their arguments from, and where pointers have to be put into it.
package final class ArgumentBlock {
    package let memory: UnsafeMutableRawPointer
    package let byteCount: Int
    /// Pointers to fill in: byte offset in the block, buffer, byte offset in the buffer.
    package var pointers: [(field: Int, buffer: Int, offset: Int)] = []
    /// Blocks that this one points to.
    package var children: [ArgumentBlock] = []
    /// What the arguments refer to beyond memory; lives as long as they do.
    package var owned: AnyObject?

    package init<Arguments>(_ arguments: Arguments) {
        byteCount = MemoryLayout<Arguments>.size
        memory = .allocate(byteCount: byteCount, alignment: 64)
        memory.initializeMemory(as: Arguments.self, to: arguments)
    }

    /// An array that other blocks point to.
    package init<Element>(elements: [Element]) {
        byteCount = max(elements.count, 1) * MemoryLayout<Element>.stride
        memory = .allocate(byteCount: byteCount, alignment: 64)
        memory.initializeMemory(as: Element.self, from: elements, count: elements.count)
    }

    deinit { memory.deallocate() }
}

/// A pointer field of a kernel's arguments and the view it must point to.
package struct PointerField<Arguments> {
    package let field: PartialKeyPath<Arguments>
    package let buffer: Int
    package let byteOffset: Int

    package init(_ field: PartialKeyPath<Arguments>, _ view: View) {
        self.field = field
        buffer = view.buffer
        byteOffset = view.byteOffset
    }

    package init(_ field: PartialKeyPath<Arguments>, buffer: Int, byteOffset: Int = 0) {
        self.field = field
        self.buffer = buffer
        self.byteOffset = byteOffset
    }
}

/// A planned kernel: what `apus_run` needs, before buffers have addresses.
package struct KernelCall {
    package let name: String
    /// What it works on, for listings.
    package var detail = ""
    package var plan: apus_plan
    package let arguments: ArgumentBlock

    /// The entries of a program that run it, one for each phase.
    package var phases: [apus_call] { phases(0..<Int(plan.phases)) }

    /// The phases that need not run again while the operands that are held stay the same.
    package var firstPhases: [apus_call] { phases(0..<Int(plan.first_phases)) }

    /// The others.
    package var repeatedPhases: [apus_call] { phases(Int(plan.first_phases)..<Int(plan.phases)) }

    private func phases(_ range: Range<Int>) -> [apus_call] {
        var plan = plan
        let isIdle = !EngineOptions.runsKernels
        let idle: apus_kernel = { _, _, _, _ in }
        return withUnsafeBytes(of: &plan.phase) { bytes in
            bytes.bindMemory(to: apus_phase.self)[range].filter { $0.tasks > 0 }.map {
                apus_call(run: isIdle ? idle : $0.run, args: UnsafeRawPointer(arguments.memory), tasks: $0.tasks)
            }
        }
    }
}

/// A place where a program finds out, after a run, what a kernel refused: an index out of range, a singular matrix.
package struct KernelCheck {
    package let buffer: Int
    /// The error of what was reported: a position, counted from 0, and a value.
    package let error: @Sendable (_ position: Int, _ value: Int) -> ApusError
}

/// What an operation sees when it emits its kernel calls.
package struct KernelEmitter {
    /// Where the inputs are; dense unless the operation accepts views.
    package let inputs: [View]
    /// Where the output goes: a dense buffer.
    package let output: View
    /// A fused loop to run on each finished block of the output, for roles that offer it.
    package let epilogue: ArgumentBlock?
    /// Whether fast algorithms with a larger rounding error (Winograd) are allowed.
    package let precision: Precision
    /// The inputs that hold the same values, at the same address, in all runs of a loop's body.
    package let heldInputs: Set<Int>
    package private(set) var calls: [KernelCall] = []
    /// Buffers in which kernels report what they refuse (`apus_index_error`), looked at after each run.
    package private(set) var checks: [KernelCheck] = []
    private let newBuffer: (Int) -> Int

    package init(
        inputs: [View], output: View, epilogue: ArgumentBlock?, precision: Precision, heldInputs: Set<Int> = [],
        newBuffer: @escaping (Int) -> Int
    ) {
        self.inputs = inputs
        self.output = output
        self.epilogue = epilogue
        self.precision = precision
        self.heldInputs = heldInputs
        self.newBuffer = newBuffer
    }

    /// The epilogue as the kernels take it.
    package var epiloguePointer: UnsafePointer<apus_fused>? {
        epilogue.map { UnsafePointer($0.memory.assumingMemoryBound(to: apus_fused.self)) }
    }

    /// A buffer that lives while this operation runs.
    package func temporary(byteCount: Int) -> Int { newBuffer(byteCount) }

    /// Has the program look, after each run, whether a kernel met an index outside `0 ..< extent`.
    package mutating func checkIndices(buffer: Int, extent: Int, place: String) {
        check(buffer: buffer) { position, value in
            ApusError(
                .index, in: place, "index \(value) at position \(position) is outside 0..<\(extent)",
                remedy: "use indices from 0 to \(extent - 1)")
        }
    }

    /// Has the program look, after each run, whether a kernel reported something in a buffer of an
    /// `apus_index_error`.
    package mutating func check(buffer: Int, _ error: @escaping @Sendable (Int, Int) -> ApusError) {
        checks.append(KernelCheck(buffer: buffer, error: error))
    }

    /// Adds a kernel call whose arguments are complete.
    package mutating func append(_ call: KernelCall) { calls.append(call) }

    /// Adds a kernel call. `workspace` names the field that wants the plan's workspace.
    package mutating func call<Arguments>(
        _ arguments: Arguments, plan: apus_plan, workspace: PartialKeyPath<Arguments>,
        _ pointers: [PointerField<Arguments>]
    ) {
        let block = ArgumentBlock(arguments)
        for pointer in pointers {
            if let field = MemoryLayout<Arguments>.offset(of: pointer.field) {
                block.pointers.append((field, pointer.buffer, pointer.byteOffset))
            }
        }
        if plan.workspace > 0, let field = MemoryLayout<Arguments>.offset(of: workspace) {
            block.pointers.append((field, newBuffer(Int(plan.workspace)), 0))
        }
        if let epilogue { block.children.append(epilogue) }
        let name = String(cString: plan.name)
        calls.append(KernelCall(name: epilogue == nil ? name : name + " + fused", plan: plan, arguments: block))
    }
}

/// Which rounding errors are accepted for speed.
public enum Precision: Sendable, Hashable {
    /// Fast algorithms such as Winograd's convolution, whose error is some ten times that of a plain sum.
    case fast
    /// Plain sums only.
    case exact
}
