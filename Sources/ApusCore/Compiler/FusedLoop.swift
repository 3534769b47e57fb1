import CKernels

/// Writes the program of one fused loop for the register machine (CKernels.h).
package struct FusedLoop {
    /// Why a loop can't be written: it needs more operands, registers or instructions than the machine has.
    package struct DoesNotFit: Error {}

    private let compute: ComputeClass
    private let space: Shape
    private var operands: [(view: View, isReduction: Bool)] = []
    private var code: [apus_instruction] = []
    private var constants: [Double] = []
    private var reduced: Range<Int>?

    /// Virtual registers are numbered upwards; they are mapped to the machine's at the end.
    private var registerCount = 0

    package struct Register: Hashable {
        let number: Int
        let isRow: Bool
    }

    private struct Instruction {
        var op: Int
        var result: Int?
        var inputs: [Int]
        /// LOAD: operand; STORE and REDUCE: operand; CONSTANT: constant.
        var reference: Int
        var isRow: Bool
    }

    private var instructions: [Instruction] = []
    private var loaded: [Int: Register] = [:]
    private var constantRegisters: [UInt64: Register] = [:]

    package init(space: Shape, compute: ComputeClass) {
        self.space = space
        self.compute = compute
    }

    private mutating func newRegister(isRow: Bool) -> Register {
        registerCount += 1
        return Register(number: registerCount - 1, isRow: isRow)
    }

    private mutating func operand(_ view: View) -> Int {
        operands.append((view, false))
        return operands.count - 1
    }

    /// Reads a view broadcast to the space; `isRow` for a view with one value per row.
    package mutating func load(_ view: View, isRow: Bool) -> Register {
        for (index, known) in operands.enumerated() {
            if let register = loaded[index], register.isRow == isRow, known.view.buffer == view.buffer,
                known.view.offset == view.offset, known.view.strides == view.strides, known.view.dtype == view.dtype
            {
                return register
            }
        }
        let register = newRegister(isRow: isRow)
        let index = operand(view)
        loaded[index] = register
        instructions.append(
            Instruction(op: APUS_LOAD, result: register.number, inputs: [], reference: index, isRow: isRow))
        return register
    }

    package mutating func constant(_ value: Double, isRow: Bool) -> Register {
        if let register = constantRegisters[value.bitPattern], register.isRow == isRow { return register }
        let register = newRegister(isRow: isRow)
        constants.append(value)
        instructions.append(
            Instruction(
                op: APUS_CONSTANT, result: register.number, inputs: [], reference: constants.count - 1, isRow: isRow))
        constantRegisters[value.bitPattern] = register
        return register
    }

    package mutating func apply(_ op: Int, _ inputs: [Register], isRow: Bool) -> Register {
        let register = newRegister(isRow: isRow)
        instructions.append(
            Instruction(op: op, result: register.number, inputs: inputs.map(\.number), reference: 0, isRow: isRow))
        return register
    }

    package mutating func store(_ register: Register, to view: View) {
        let index = operand(view)
        instructions.append(
            Instruction(
                op: APUS_STORE, result: nil, inputs: [register.number], reference: index, isRow: register.isRow))
    }

    /// Folds a register over some axes of the space into a dense view of the others.
    package mutating func reduce(_ reduction: Reduction, _ register: Register, over axes: Range<Int>, to view: View) {
        reduced = axes
        var target = view
        target.strides = (0..<space.rank).map { axes.contains($0) ? 0 : view.strides[$0] }
        operands.append((target, true))
        instructions.append(
            Instruction(
                op: Int(reduction.opcode), result: nil, inputs: [register.number], reference: operands.count - 1,
                isRow: false))
    }

    /// The arguments of the kernel. With `columns`, the space becomes rows of so many columns.
    package func arguments(columns: Int? = nil) throws(DoesNotFit) -> ArgumentBlock {
        guard operands.count <= Int(APUS_OPERANDS), constants.count <= Int(APUS_CONSTANTS) else { throw DoesNotFit() }
        var fused = apus_fused()
        fused.compute = Int32(compute.rawValue)
        let axes = try collapsed(columns: columns)
        fused.dims = Int32(axes.count)
        withUnsafeMutableBytes(of: &fused.extent) { bytes in
            let extents = bytes.bindMemory(to: Int.self)
            for (position, axis) in axes.enumerated() { extents[position] = axis.extent }
        }
        if let reduced {
            let bounds = axes.map(\.range)
            fused.reduced.0 = Int32(bounds.firstIndex { $0.lowerBound >= reduced.lowerBound } ?? axes.count)
            fused.reduced.1 = Int32((bounds.lastIndex { $0.upperBound <= reduced.upperBound } ?? -1) + 1)
        }
        fused.operands = Int32(operands.count)
        withUnsafeMutableBytes(of: &fused.operand) { bytes in
            let slots = bytes.bindMemory(to: apus_operand.self)
            for (index, operand) in operands.enumerated() {
                slots[index].dtype = Int32(operand.view.dtype.rawValue)
                withUnsafeMutableBytes(of: &slots[index].stride) { bytes in
                    let strides = bytes.bindMemory(to: Int.self)
                    // A reduction's operand has only the axes that are kept.
                    let own = axes.filter { axis in
                        guard operand.isReduction, let reduced else { return true }
                        return axis.range.lowerBound < reduced.lowerBound || axis.range.upperBound > reduced.upperBound
                    }
                    for (position, axis) in own.enumerated() {
                        strides[position] = axis.last.map { operand.view.strides[$0] } ?? 0
                    }
                }
            }
        }
        fused.constants = Int32(constants.count)
        withUnsafeMutableBytes(of: &fused.constant) { bytes in
            let slots = bytes.bindMemory(to: Double.self)
            for (index, value) in constants.enumerated() { slots[index] = value }
        }
        let code = try machineCode()
        fused.instructions = Int32(code.count)
        withUnsafeMutableBytes(of: &fused.code) { bytes in
            let slots = bytes.bindMemory(to: apus_instruction.self)
            for (index, instruction) in code.enumerated() { slots[index] = instruction }
        }
        let block = ArgumentBlock(fused)
        guard let first = MemoryLayout<apus_fused>.offset(of: \.operand) else { throw DoesNotFit() }
        for (index, operand) in operands.enumerated() {
            block.pointers.append(
                (first + index * MemoryLayout<apus_operand>.stride, operand.view.buffer, operand.view.byteOffset))
        }
        return block
    }

    private struct Axis {
        var extent: Int
        /// The axes of the space that it joins, and the innermost of them with an extent over 1.
        var range: Range<Int>
        var last: Int?
    }

    /// The space with neighbouring axes joined wherever all operands allow it.
    private func collapsed(columns: Int?) throws(DoesNotFit) -> [Axis] {
        var protected = Set<Int>()
        if let reduced { protected.formUnion([reduced.lowerBound, reduced.upperBound]) }
        let hasRows = instructions.contains { $0.isRow || Self.rowFolds.contains($0.op) }
        if hasRows { protected.insert(space.rank - 1) }
        if let columns {
            guard space.rank > 0, space[-1] == columns else { throw DoesNotFit() }
            protected.insert(space.rank - 1)
        }
        var axes: [Axis] = []
        for axis in 0..<space.rank {
            let new = Axis(extent: space[axis], range: axis..<axis + 1, last: space[axis] > 1 ? axis : nil)
            guard let previous = axes.last, !protected.contains(axis) else {
                axes.append(new)
                continue
            }
            let joins: Bool
            if previous.last == nil || new.last == nil {
                joins = true
            } else {
                joins = operands.allSatisfy {
                    $0.view.strides[previous.last ?? 0] == $0.view.strides[axis] * space[axis]
                }
            }
            if joins {
                axes[axes.count - 1] = Axis(
                    extent: previous.extent * new.extent, range: previous.range.lowerBound..<axis + 1,
                    last: new.last ?? previous.last)
            } else {
                axes.append(new)
            }
        }
        if axes.isEmpty { axes = [Axis(extent: 1, range: 0..<0, last: nil)] }
        if columns != nil {
            if axes.count == 1 { axes.insert(Axis(extent: 1, range: 0..<0, last: nil), at: 0) }
            guard axes.count == 2 else { throw DoesNotFit() }
        }
        guard axes.count <= Int(APUS_DIMS) else { throw DoesNotFit() }
        return axes
    }

    private static let rowFolds: Set<Int> = [APUS_ROW_SUM, APUS_ROW_MAX, APUS_ROW_MIN, APUS_ROW_PRODUCT, APUS_EXPAND]

    /// The instructions with each product that only one sum or difference reads joined to it, and each comparison that
    /// only one choice reads: one pass over the tile instead of two, and for sums one rounding.
    private func contracted() -> [Instruction] {
        guard compute != .int64 else { return instructions }
        var uses = [Int](repeating: 0, count: registerCount)
        var product: [Int: Int] = [:], comparisons: [Int: Int] = [:]
        for (position, instruction) in instructions.enumerated() {
            for input in instruction.inputs { uses[input] += 1 }
            guard let result = instruction.result else { continue }
            if instruction.op == APUS_MULTIPLY { product[result] = position }
            if instruction.op == APUS_GREATER { comparisons[result] = position }
        }
        let zeros = Set(instructions.filter { $0.op == APUS_CONSTANT && constants[$0.reference] == 0 }.map(\.result))
        func isZero(_ register: Int) -> Bool { zeros.contains(register) }
        var contracted = instructions
        var joined = Set<Int>()
        // A choice by sign, as in the gradient of a rectifier, needs no comparison of its own.
        for (position, instruction) in instructions.enumerated() where instruction.op == APUS_SELECT {
            guard uses[instruction.inputs[0]] == 1, let comparison = comparisons[instruction.inputs[0]],
                isZero(instructions[comparison].inputs[1]), instructions[comparison].isRow == instruction.isRow
            else { continue }
            joined.insert(comparison)
            contracted[position].op = APUS_SELECT_POSITIVE
            contracted[position].inputs[0] = instructions[comparison].inputs[0]
        }
        for (position, instruction) in instructions.enumerated()
        where instruction.op == APUS_ADD || instruction.op == APUS_SUBTRACT {
            let left = instruction.inputs[0], right = instruction.inputs[1]
            func factors(_ register: Int) -> [Int]? {
                guard uses[register] == 1, let position = product[register],
                    instructions[position].isRow == instruction.isRow
                else { return nil }
                joined.insert(position)
                return instructions[position].inputs
            }
            if let factors = factors(left) {
                contracted[position].op = instruction.op == APUS_ADD ? APUS_FMA : APUS_FMS
                contracted[position].inputs = factors + [right]
            } else if let factors = factors(right) {
                contracted[position].op = instruction.op == APUS_ADD ? APUS_FMA : APUS_FNMA
                contracted[position].inputs = factors + [left]
            }
        }
        return contracted.enumerated().filter { !joined.contains($0.offset) }.map(\.element)
    }

    /// The instructions with the machine's registers: loads as late as possible, stores at the end (a result may
    /// replace an operand in place).
    private func machineCode() throws(DoesNotFit) -> [apus_instruction] {
        let isLast = { (op: Int) in
            op == APUS_STORE || op == APUS_REDUCE_SUM || op == APUS_REDUCE_MAX || op == APUS_REDUCE_MIN
                || op == APUS_REDUCE_PRODUCT
        }
        let instructions = contracted()
        // Loads and constants move to their first use.
        var definition: [Int: Instruction] = [:]
        var ordered: [Instruction] = []
        var placed = Set<Int>()
        func place(_ inputs: [Int]) {
            for input in inputs where placed.insert(input).inserted {
                if let lazy = definition[input] { ordered.append(lazy) }
            }
        }
        for instruction in instructions where instruction.op == APUS_LOAD || instruction.op == APUS_CONSTANT {
            if let result = instruction.result { definition[result] = instruction }
        }
        for instruction in instructions where !isLast(instruction.op) && definition[instruction.result ?? -1] == nil {
            place(instruction.inputs)
            ordered.append(instruction)
            if let result = instruction.result { placed.insert(result) }
        }
        for instruction in instructions where isLast(instruction.op) { place(instruction.inputs) }
        ordered += instructions.filter { isLast($0.op) }
        guard ordered.count <= Int(APUS_INSTRUCTIONS) else { throw DoesNotFit() }

        var lastUse: [Int: Int] = [:]
        for (position, instruction) in ordered.enumerated() {
            for input in instruction.inputs { lastUse[input] = position }
        }
        var machine: [Int: UInt8] = [:]
        var free = Array((0..<UInt8(APUS_REGISTERS)).reversed())
        var code: [apus_instruction] = []
        for (position, instruction) in ordered.enumerated() {
            var result = apus_instruction()
            result.op = UInt8(instruction.op)
            result.row = instruction.isRow ? 1 : 0
            let inputs = instruction.inputs.map { machine[$0] ?? 0 }
            for input in Set(instruction.inputs) where lastUse[input] == position {
                if let register = machine[input] { free.append(register) }
            }
            if let target = instruction.result {
                guard let register = free.popLast() else { throw DoesNotFit() }
                machine[target] = register
                result.dst = register
                if lastUse[target] == nil { free.append(register) }
            } else {
                result.dst = UInt8(instruction.reference)
            }
            switch instruction.op {
            case APUS_LOAD, APUS_CONSTANT:
                result.a = UInt8(instruction.reference)
            default:
                if inputs.count > 0 { result.a = inputs[0] }
                if inputs.count > 1 { result.b = inputs[1] }
                if inputs.count > 2 { result.c = inputs[2] }
            }
            code.append(result)
        }
        return code
    }
}
