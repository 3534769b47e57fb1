import CKernels

/// The memory that a kernel written in Swift works on while it runs one of its tasks.
package struct HostMemory {
    /// The inputs in order, dense; no more than three.
    package let inputs: (UnsafeRawPointer, UnsafeRawPointer, UnsafeRawPointer)
    package let output: UnsafeMutableRawPointer
    /// Bytes of the calling thread alone.
    package let scratch: UnsafeMutableRawPointer
    fileprivate let failure: UnsafeMutablePointer<apus_index_error>?

    /// Reports that the input is refused; of several reports that of the smallest position counts.
    package func report(position: Int, value: Int) { apus_index_report(failure, Int64(position), Int64(value)) }
}

/// A kernel written in Swift: called with a task's number for each task, from any thread.
package typealias HostBody = @Sendable (HostMemory, Int) -> Void

/// The arguments of such a kernel as programs keep them.
private struct HostArguments {
    var first: UnsafeRawPointer?
    var second: UnsafeRawPointer?
    var third: UnsafeRawPointer?
    var output: UnsafeMutableRawPointer?
    var failure: UnsafeMutablePointer<apus_index_error>?
    var body: UnsafeRawPointer?
}

private final class HostBodyBox: Sendable {
    let body: HostBody
    init(_ body: @escaping HostBody) { self.body = body }
}

private let runHostTasks: apus_kernel = { pointer, begin, end, scratch in
    guard let arguments = pointer?.assumingMemoryBound(to: HostArguments.self).pointee, let body = arguments.body,
        let output = arguments.output
    else { return }
    let box = Unmanaged<HostBodyBox>.fromOpaque(body).takeUnretainedValue()
    let first = arguments.first ?? UnsafeRawPointer(output)
    let memory = HostMemory(
        inputs: (first, arguments.second ?? first, arguments.third ?? first), output: output,
        scratch: scratch ?? output, failure: arguments.failure)
    for task in begin..<end { box.body(memory, task) }
}

extension KernelEmitter {
    /// Adds a call of a kernel written in Swift, cut into tasks by shape alone.
    ///
    /// - Parameters:
    ///   - scratch: bytes that each thread has of its own
    ///   - error: the error of what the kernel reports
    package mutating func callHost(
        _ name: String, tasks: Int, scratch: Int = 0, error: (@Sendable (Int, Int) -> ApusError)? = nil,
        _ body: @escaping HostBody
    ) {
        guard tasks > 0 else { return }
        let box = HostBodyBox(body)
        var arguments = HostArguments()
        arguments.body = UnsafeRawPointer(Unmanaged.passUnretained(box).toOpaque())
        let block = ArgumentBlock(arguments)
        block.owned = box
        func connect(_ field: PartialKeyPath<HostArguments>, _ buffer: Int, _ offset: Int) {
            if let place = MemoryLayout<HostArguments>.offset(of: field) {
                block.pointers.append((place, buffer, offset))
            }
        }
        let fields: [PartialKeyPath<HostArguments>] = [\.first, \.second, \.third]
        for (field, input) in zip(fields, inputs) { connect(field, input.buffer, input.byteOffset) }
        connect(\.output, output.buffer, output.byteOffset)
        if let error {
            let failure = temporary(byteCount: MemoryLayout<apus_index_error>.size)
            connect(\.failure, failure, 0)
            check(buffer: failure, error)
        }
        var plan = apus_plan()
        plan.phases = 1
        plan.phase.0 = apus_phase(run: runHostTasks, tasks: tasks)
        plan.scratch = scratch
        append(KernelCall(name: name, plan: plan, arguments: block))
    }
}
