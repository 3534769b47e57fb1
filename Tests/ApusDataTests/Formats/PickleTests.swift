import ApusCore
import ApusData
import TestSupport
import Testing

@Suite struct PickleTests {
    /// A pickle with one of each instruction, or nearly.
    static let instructions: [UInt8] = [
        [0x80, 4, 0x95, 9, 0, 0, 0, 0, 0, 0, 0], Array("(NK".utf8), [7], Array("M".utf8), [1, 2], Array("q".utf8), [0],
        Array("h".utf8), [0, 0x89, 0x88], Array("J".utf8), [0xff, 0xff, 0xff, 0xff], [0x8a, 2, 0x00, 0xff],
        Array("G".utf8), [0x3f, 0xf8, 0, 0, 0, 0, 0, 0], Array("U".utf8), [2], Array("ab)]}(K".utf8), [1],
        Array("K".utf8), [2], Array("u(tccollections\nOrderedDict\n)R}b".utf8), [0x94, 0x8c, 1, 0x78],
        Array("QX".utf8), [1, 0, 0, 0], Array("y".utf8), [0x86, 0x85], Array("]K".utf8), [3], Array("a(K".utf8), [4],
        Array("K".utf8), [5], Array("e20l.".utf8),
    ].flatMap { $0 }

    private func read(_ bytes: [UInt8]) throws -> Pickle { try Pickle(bytes, place: "x") }

    @Test func instructionsMakeValues() throws {
        let pickle = try read(Self.instructions)
        let root = try #require(pickle.members(pickle.root))
        #expect(pickle[root[0]] == .none && pickle.integer(root[1]) == 7 && pickle.integer(root[2]) == 513)
        #expect(pickle.integer(root[3]) == 513 && root[2] == root[3])
        #expect(pickle[root[4]] == .boolean(false) && pickle[root[5]] == .boolean(true))
        #expect(pickle.integer(root[6]) == -1 && pickle.integer(root[7]) == -256 && pickle[root[8]] == .real(1.5))
        #expect(pickle.text(root[9]) == "ab")
        let last = try #require(root.last)
        #expect(pickle.integers(last) == [3, 4, 5])
        #expect(pickle.end == Self.instructions.count)
    }

    @Test func damageIsTold() throws {
        func problem(_ bytes: [UInt8]) -> String { refusal { _ = try read(bytes) }?.problem ?? "" }
        #expect(problem([]) == "1 bytes are promised, but 0 follow (byte 0)")
        #expect(
            problem([0x80, 2, 0x54, 0xff, 0xff, 0xff, 0x7f]).contains(
                "2147483647 bytes are promised, but 0 follow (byte 2)"))
        #expect(problem(Array("h\u{05}.".utf8)).contains("the value 5, which was not kept (byte 0)"))
        #expect(problem(Array("R.".utf8)).contains("lacks the values"))
        #expect(problem(Array("(K\u{01}s.".utf8)).contains("lacks the values"))
        #expect(problem(Array("NNb.".utf8)).contains("a state is given to what is no object (byte 2)"))
        #expect(problem(Array("I12\n.".utf8)).contains("of protocol 0 or 1 (byte 0)"))
        #expect(problem([0x8d] + [UInt8](repeating: 0xff, count: 8)).contains("a length of 18446744073709551615"))
    }

    /// What a pickle would have called is noted, and nothing else happens.
    @Test func nothingIsCalled() throws {
        let pickle = try read(Array("cos\nsystem\n(U\u{04}lstR.".utf8))
        #expect(refusal { _ = try pickle.array(pickle.root) }?.problem.contains("no array of NumPy") == true)
        #expect(refusal { _ = try Graph.edges(pickle) }?.problem.contains("no dictionary of neighbours") == true)
    }
}
