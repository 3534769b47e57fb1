import Apus
import TestSupport
import Testing

@Suite struct SetComparisonTests {
    /// Pictures of noise in different light: those of phones are darker and less sharp.
    private static func photos(_ count: Int, isPhone: Bool, seed: UInt64) throws -> [[Double]] {
        var random = RandomSource(seed: seed)
        return try (0..<count).map { index in
            let light = 0.8 + 0.3 * random.uniform()
            let photo = try ImageColorTests.photo(width: 24, height: 20, seed: seed &* 1000 &+ UInt64(index))
                .adjustedBrightness(isPhone ? light * 0.7 : light)
            return try (isPhone ? photo.blurred(sigma: 0.5 + 0.3 * random.uniform()) : photo).attributes
        }
    }

    @Test func aClassifierTellsWebFromPhone() throws {
        let web = try Self.photos(40, isPhone: false, seed: 1), phone = try Self.photos(25, isPhone: true, seed: 2)
        let found = try SetComparison(web, phone, names: Image.attributeNames)
        #expect(found.accuracy > 0.9 && found.areDifferent && found.pValue < 1e-6)
        let main = Set(found.differences.prefix(4).map(\.name))
        #expect(main.contains("sharpness") && main.contains("brightness"))
        #expect(found.differences.first { $0.name == "width" }?.effect == 0)
        let sharpness = try #require(found.differences.first { $0.name == "sharpness" })
        #expect(sharpness.effect < -1 && sharpness.distance > 0.8 && sharpness.first > sharpness.second)
        #expect(found.advice?.contains("sharpness") == true)
        let same = try SetComparison(web, try Self.photos(40, isPhone: false, seed: 3), names: Image.attributeNames)
        #expect(!same.areDifferent && same.advice == nil && abs(same.accuracy - 0.5) < 0.2)
    }

    @Test func setsThatCantBeComparedAreRefused() {
        let rows = [[Double]](repeating: [1, 2], count: 8)
        #expect(refusal { _ = try SetComparison(rows, rows, names: ["a"]) }?.kind == .data)
        #expect(refusal { _ = try SetComparison(rows, [], names: ["a", "b"]) }?.kind == .data)
        #expect(refusal { _ = try SetComparison(rows, rows, names: ["a", "b"], neighbours: 2) }?.kind == .data)
        #expect(refusal { _ = try SetComparison(rows, rows + [[.nan, 1]], names: ["a", "b"]) }?.kind == .data)
    }

    @Test func errorsAreCountedByOrigin() throws {
        let errors = try ErrorsByOrigin(
            isRight: [true, false, true, true, false], origins: [SampleOrigin.target, .target, .proxy, .proxy, .target])
        #expect(errors.rates.map(\.origin) == [.target, .proxy] && errors.rates.map(\.count) == [3, 2])
        #expect(abs(errors.rates[0].errorRate - 2.0 / 3) < 1e-12 && errors.rates[1].errorRate == 0)
        #expect(refusal { _ = try ErrorsByOrigin(isRight: [true], origins: [Int]()) }?.kind == .data)
    }
}

@Suite struct MergedDataTests {
    private static func set(_ name: String, _ labels: [Int32], _ names: [String], first: Float) throws -> Dataset {
        try Dataset(
            inputs: Tensor(labels.indices.flatMap { [first + Float($0), 0] }, shape: [labels.count, 2]),
            targets: Tensor(labels, shape: [labels.count]), name: name, classNames: names)
    }

    @Test func classesAndOriginsAreKept() throws {
        let city = try Self.set("city", [0, 1, 1], ["car", "cat"], first: 10)
        let web = try Self.set("web", [2, 0, 1, 2], ["kitty", "unknown", "automobile"], first: 20)
        let merged = try MergedData([city, web], labels: ["kitty": "cat", "automobile": "car", "unknown": nil])
        #expect(merged.data.classNames == ["car", "cat"] && merged.data.labels == [0, 1, 1, 0, 1, 0])
        #expect(merged.origins == ["city", "city", "city", "web", "web", "web"])
        #expect(try merged.data.input(at: 4).array(of: Float.self) == [21, 0])
        #expect(try MergedData([city]).data.labels == [0, 1, 1])
        #expect(Split.share(of: "web", in: merged.origins) == 0.5)
        let weighted = try MergedData([city, web.weighted(by: Tensor([Float(1), 2, 3, 4], shape: [4]))])
        #expect((0..<7).map { weighted.data.weight(at: $0) } == [1, 1, 1, 1, 2, 3, 4])
        let bare = try DatasetTests.numbered(4)
        #expect(refusal { _ = try MergedData([city, bare]) }?.kind == .data)
        #expect(refusal { _ = try MergedData([]) }?.problem == "none was given")
        #expect(
            refusal { _ = try MergedData([city], labels: ["car": nil, "cat": nil]) }?.problem == "no samples are left")
    }
}
