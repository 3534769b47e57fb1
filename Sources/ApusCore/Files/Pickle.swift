// Python's pickles, taken as data.

/// The values of a pickle. What a pickle asks to be called is noted as an ``Value/object(callable:arguments:state:items:)``
/// and never called, so that files of unknown origin do no harm.
///
/// Values stand in one list and name each other by number, however deep or circular the pickle nests them. Protocols 2 to 5
/// are read; 0 and 1 are text that no array of numbers is kept in.
package struct Pickle: Sendable {
    package enum Value: Sendable, Equatable {
        case none
        case boolean(Bool)
        case integer(Int)
        case real(Double)
        /// Texts, and bytes (which texts of Python 2 are): where they stand in ``Pickle/bytes``.
        case text(Range<Int>)
        case bytes(Range<Int>)
        case list([Int])
        case tuple([Int])
        /// Keys and values in turn.
        case dictionary([Int])
        /// A class or function by the names of its module and its own, with a blank between.
        case global(String)
        case object(callable: Int, arguments: Int, state: Int?, items: [Int])
        /// What stands outside of the pickle, by a value that names it.
        case persistent(Int)
    }

    /// What the ranges of texts and bytes refer to.
    package let bytes: [UInt8]
    package let place: String
    /// All values; ``root`` is the number of the outermost.
    package private(set) var values: [Value]
    package private(set) var root = 0
    /// Where the pickle begins and ends.
    package let start: Int
    package private(set) var end = 0

    /// - Throws: an `ApusError` with the byte of what is damaged or unknown
    package init(_ bytes: [UInt8], at start: Int = 0, place: String) throws(ApusError) {
        (self.bytes, self.place, self.start) = (bytes, place, start)
        values = [.none, .boolean(false), .boolean(true)]
        var machine = PickleMachine(bytes, at: start, place: place)
        try machine.run(&values)
        (root, end) = (machine.root, machine.offset)
    }

    package subscript(number: Int) -> Value { values[number] }

    /// A text, of Python 2 or 3.
    package func text(_ number: Int) -> String? {
        switch values[number] {
        case .text(let range), .bytes(let range): String(validating: bytes[range], as: UTF8.self)
        default: nil
        }
    }

    package func integer(_ number: Int) -> Int? {
        switch values[number] {
        case .integer(let value): value
        case .boolean(let value): value ? 1 : 0
        default: nil
        }
    }

    /// The members of a list or tuple.
    package func members(_ number: Int) -> [Int]? {
        switch values[number] {
        case .list(let members), .tuple(let members): members
        default: nil
        }
    }

    /// The integers of a list or tuple.
    package func integers(_ number: Int) -> [Int]? {
        guard let members = members(number) else { return nil }
        let integers = members.compactMap { integer($0) }
        return integers.count == members.count ? integers : nil
    }

    /// Keys and values of a dictionary of any kind.
    package func items(_ number: Int) -> [(key: Int, value: Int)]? {
        let flat: [Int]
        switch values[number] {
        case .dictionary(let items): flat = items
        case .object(let callable, _, _, let items):
            guard [.global("collections OrderedDict"), .global("collections defaultdict")].contains(values[callable])
            else { return nil }
            flat = items
        default: return nil
        }
        return stride(from: 0, to: flat.count - 1, by: 2).map { (flat[$0], flat[$0 + 1]) }
    }

    /// The arguments and the state of an object that one of these names makes.
    package func object(_ number: Int, _ names: String...) -> (arguments: [Int], state: Int?)? {
        guard case .object(let callable, let arguments, let state, _) = values[number],
            case .global(let name) = values[callable], names.contains(name), let members = members(arguments)
        else { return nil }
        return (members, state)
    }

    /// The error for values that are not what was expected.
    package func unexpected(_ what: String) -> ApusError {
        ApusError(
            .format, in: place, "\(what) (pickle at byte \(start))",
            remedy: "save it again with a program that writes such files; pickles of other objects are not read")
    }
}

/// Runs the instructions of a pickle on a stack of numbers of values.
private struct PickleMachine {
    private let bytes: [UInt8]
    private let place: String
    private(set) var offset: Int
    private(set) var root = 0
    private var stack: [Int] = []
    private var marks: [Int] = []
    private var memo: [Int: Int] = [:]
    /// Where the instruction began.
    private var position = 0

    init(_ bytes: [UInt8], at start: Int, place: String) { (self.bytes, offset, self.place) = (bytes, start, place) }

    mutating func run(_ values: inout [Pickle.Value]) throws(ApusError) {
        while true {
            position = offset
            let code = try take(1)
            let instruction = bytes[code.lowerBound]
            if instruction == UInt8(ascii: ".") {
                root = try pop()
                return
            }
            if try pushed(instruction, &values) { continue }
            if try gathered(instruction, &values) { continue }
            if try arranged(instruction, &values) { continue }
            throw damaged(
                "the instruction \(instruction) is unknown, or of protocol 0 or 1",
                remedy: "save it with pickle.dump(object, file, protocol=2)")
        }
    }

    /// Instructions that put a value on the stack.
    private mutating func pushed(_ code: UInt8, _ values: inout [Pickle.Value]) throws(ApusError) -> Bool {
        switch code {
        case UInt8(ascii: "N"): stack.append(0)
        case 0x89: stack.append(1)
        case 0x88: stack.append(2)
        case UInt8(ascii: "K"): push(.integer(try number(1)), &values)
        case UInt8(ascii: "M"): push(.integer(try number(2)), &values)
        case UInt8(ascii: "J"):
            push(.integer(Int(Int32(truncatingIfNeeded: try number(4)))), &values)
        case 0x8a:
            let range = try take(try number(1))
            guard range.count <= 8 else {
                push(.bytes(range), &values)
                break
            }
            var value = 0
            for (index, byte) in bytes[range].enumerated() { value |= Int(byte) << (8 * index) }
            let unused = 64 - 8 * range.count
            push(.integer(unused == 64 ? 0 : (value << unused) >> unused), &values)
        case UInt8(ascii: "G"):
            let range = try take(8)
            let bits = bytes[range].reduce(0 as UInt64) { $0 << 8 | UInt64($1) }
            push(.real(Double(bitPattern: bits)), &values)
        case UInt8(ascii: "U"), UInt8(ascii: "C"): push(.bytes(try take(try number(1))), &values)
        case UInt8(ascii: "T"), UInt8(ascii: "B"): push(.bytes(try take(try number(4))), &values)
        case 0x8e: push(.bytes(try take(try number(8))), &values)
        case 0x8c: push(.text(try take(try number(1))), &values)
        case UInt8(ascii: "X"): push(.text(try take(try number(4))), &values)
        case 0x8d: push(.text(try take(try number(8))), &values)
        case UInt8(ascii: ")"): push(.tuple([]), &values)
        case UInt8(ascii: "]"): push(.list([]), &values)
        case UInt8(ascii: "}"): push(.dictionary([]), &values)
        case UInt8(ascii: "c"):
            let module = try line()
            push(.global("\(module) \(try line())"), &values)
        default: return false
        }
        return true
    }

    /// Instructions that make one value of others.
    private mutating func gathered(_ code: UInt8, _ values: inout [Pickle.Value]) throws(ApusError) -> Bool {
        switch code {
        case 0x85, 0x86, 0x87:
            let count = Int(code - 0x84)
            guard stack.count >= count else { throw short() }
            let members = Array(stack.suffix(count))
            stack.removeLast(count)
            push(.tuple(members), &values)
        case UInt8(ascii: "t"): push(.tuple(try popMarked()), &values)
        case UInt8(ascii: "l"): push(.list(try popMarked()), &values)
        case UInt8(ascii: "d"): push(.dictionary(try popMarked()), &values)
        case UInt8(ascii: "a"): try extend([try pop()], &values)
        case UInt8(ascii: "e"), UInt8(ascii: "u"): try extend(try popMarked(), &values)
        case UInt8(ascii: "s"):
            let (value, key) = (try pop(), try pop())
            try extend([key, value], &values)
        case UInt8(ascii: "R"), 0x81:
            let (arguments, callable) = (try pop(), try pop())
            push(.object(callable: callable, arguments: arguments, state: nil, items: []), &values)
        case UInt8(ascii: "b"):
            let (state, target) = (try pop(), try top())
            guard case .object(let callable, let arguments, _, let items) = values[target] else {
                throw damaged("a state is given to what is no object")
            }
            values[target] = .object(callable: callable, arguments: arguments, state: state, items: items)
        case UInt8(ascii: "Q"): push(.persistent(try pop()), &values)
        case 0x93:
            let (name, module) = (try pop(), try pop())
            guard case .text(let last) = values[name], case .text(let first) = values[module] else {
                throw damaged("the name of a class is no text")
            }
            push(
                .global(
                    "\(String(decoding: bytes[first], as: UTF8.self)) \(String(decoding: bytes[last], as: UTF8.self))"),
                &values)
        default: return false
        }
        return true
    }

    /// Instructions that arrange the stack and what is remembered.
    private mutating func arranged(_ code: UInt8, _ values: inout [Pickle.Value]) throws(ApusError) -> Bool {
        switch code {
        case 0x80: _ = try take(1)
        case 0x95: _ = try take(8)
        case UInt8(ascii: "("): marks.append(stack.count)
        case UInt8(ascii: "0"): _ = try pop()
        case UInt8(ascii: "1"): _ = try popMarked()
        case UInt8(ascii: "2"): stack.append(try top())
        case UInt8(ascii: "q"): memo[try number(1)] = try top()
        case UInt8(ascii: "r"): memo[try number(4)] = try top()
        case 0x94: memo[memo.count] = try top()
        case UInt8(ascii: "h"), UInt8(ascii: "j"):
            let number = try number(code == UInt8(ascii: "h") ? 1 : 4)
            guard let value = memo[number] else {
                throw damaged("it refers to the value \(number), which was not kept")
            }
            stack.append(value)
        default: return false
        }
        return true
    }

    /// Adds members to the list, dictionary or object at the top.
    private mutating func extend(_ members: [Int], _ values: inout [Pickle.Value]) throws(ApusError) {
        let target = try top()
        // Taken out while it grows, so that it is not copied.
        let value = values[target]
        values[target] = .none
        switch value {
        case .list(var list):
            list += members
            values[target] = .list(list)
        case .dictionary(var items) where members.count % 2 == 0:
            items += members
            values[target] = .dictionary(items)
        case .object(let callable, let arguments, let state, var items):
            items += members
            values[target] = .object(callable: callable, arguments: arguments, state: state, items: items)
        default: throw damaged("members are added to what has none")
        }
    }

    private mutating func push(_ value: Pickle.Value, _ values: inout [Pickle.Value]) {
        stack.append(values.count)
        values.append(value)
    }

    private func top() throws(ApusError) -> Int {
        guard let last = stack.last, stack.count > (marks.last ?? 0) else { throw short() }
        return last
    }

    private mutating func pop() throws(ApusError) -> Int {
        let last = try top()
        stack.removeLast()
        return last
    }

    private mutating func popMarked() throws(ApusError) -> [Int] {
        guard let mark = marks.popLast(), mark <= stack.count else {
            throw damaged("no mark stands before the members")
        }
        let members = Array(stack[mark...])
        stack.removeSubrange(mark...)
        return members
    }

    private mutating func take(_ count: Int) throws(ApusError) -> Range<Int> {
        guard count >= 0, bytes.count - offset >= count else {
            throw damaged("\(count) bytes are promised, but \(bytes.count - offset) follow")
        }
        defer { offset += count }
        return offset..<offset + count
    }

    /// A number without sign, its lowest byte first.
    private mutating func number(_ width: Int) throws(ApusError) -> Int {
        let range = try take(width)
        let value = bytes[range].reversed().reduce(0 as UInt64) { $0 << 8 | UInt64($1) }
        guard let number = Int(exactly: value) else { throw damaged("a length of \(value)") }
        return number
    }

    private mutating func line() throws(ApusError) -> String {
        guard let end = bytes[offset...].prefix(256).firstIndex(of: 10),
            let text = String(validating: bytes[offset..<end], as: UTF8.self)
        else { throw damaged("the name of a class does not end") }
        offset = end + 1
        return text
    }

    private func short() -> ApusError { damaged("an instruction lacks the values that it works on") }

    private func damaged(_ problem: String, remedy: String = "the file is damaged: copy or save it again") -> ApusError
    {
        ApusError(.format, in: place, "\(problem) (byte \(position))", remedy: remedy)
    }
}
