import Apus
import TestSupport
import Testing

@Suite struct GeneratedDataTests {
    private func values(_ data: Dataset) throws -> [Float] {
        try (0..<data.count).flatMap { try data.input(at: $0).array(of: Float.self) }
    }

    @Test func pointsLieWhereTheirClassesAre() throws {
        for make in [
            { (seed: UInt64) in try PointSets.moons(count: 60, noise: 0, seed: seed) },
            { try PointSets.circles(count: 60, noise: 0, seed: $0) }, { try PointSets.blobs(count: 60, seed: $0) },
            { try PointSets.spirals(count: 60, classes: 3, noise: 0, seed: $0) },
        ] as [(UInt64) throws -> Dataset] {
            let data = try make(1)
            #expect(data.count == 60 && data.inputShape == [2])
            #expect(try values(data) == values(try make(1)) && values(data) != values(try make(2)))
        }
        let circles = try PointSets.circles(count: 50, noise: 0, factor: 0.25, seed: 3)
        let moons = try PointSets.moons(count: 50, noise: 0, seed: 3)
        for index in 0..<50 {
            let point: [Float] = try circles.input(at: index).array()
            let radius = (point[0] * point[0] + point[1] * point[1]).squareRoot()
            #expect(abs(radius - (circles.label(at: index) == 0 ? 1 : 0.25)) < 1e-5)
            let moon: [Float] = try moons.input(at: index).array()
            #expect(moons.label(at: index) == 0 ? moon[1] >= 0 : moon[1] <= 0.5)
        }
        #expect(try PointSets.blobs(count: 9, classes: 3, seed: 1).labels == [0, 1, 2, 0, 1, 2, 0, 1, 2])
        #expect(refusal { _ = try PointSets.moons(count: 0, seed: 1) }?.place == "moons")
        #expect(refusal { _ = try PointSets.circles(count: 5, factor: 1, seed: 1) } != nil)
        #expect(refusal { _ = try PointSets.spirals(count: 5, turns: .nan, seed: 1) } != nil)
        #expect(refusal { _ = try PointSets.blobs(count: 5, radius: .infinity, seed: 1) } != nil)
    }

    @Test func everyGeneratorHasAName() throws {
        #expect(Set(GeneratedData.all.map(\.name)).count == 10)
        for data in GeneratedData.all {
            #expect(!data.summary.isEmpty && !data.summary.hasSuffix("."))
            switch try data.contents(count: 60, seed: 3) {
            case .labelled(let train, let test):
                #expect(train.count == 50 && test.count == 10)
                #expect((train.classCount != nil) == data.isLabelled)
                #expect(refusal { _ = try data.contents(count: 5) } != nil)
            case .graph(let graph): #expect(graph.nodeCount == 60)
            case .scenes(let scenes): #expect(scenes.count == 60)
            default: Issue.record("\(data.name) gives something else")
            }
        }
        #expect(refusal { _ = try GeneratedData.named("suns") }?.remedy.contains("moons") == true)
        #expect(try DataCatalog.load("spirals", seed: 2, count: 120).test.count == 20)
        #expect(refusal { _ = try DataCatalog.load("copy") }?.problem == "its samples have no class to be predicted")
    }

    /// Rings cluster as the formula 3 (k - 2) / (4 (k - 1)) says, and rewired ones less and less.
    @Test func smallWorldsAreBetweenRingsAndChance() throws {
        let ring = try SmallWorlds.graph(nodes: 100, neighbors: 6, rewiring: 0, seed: 1)
        #expect(ring.edges.count == 300 && abs(ring.clusteringCoefficient - 0.6) < 1e-12)
        let small = try SmallWorlds.graph(nodes: 100, neighbors: 6, rewiring: 0.1, seed: 1)
        let chance = try SmallWorlds.graph(nodes: 100, neighbors: 6, rewiring: 1, seed: 1)
        #expect(small.edges.count == 300 && chance.edges.count == 300)
        #expect((0.3..<0.6).contains(small.clusteringCoefficient) && chance.clusteringCoefficient < 0.2)
        let kept = Set(ring.edges.map { [$0.0, $0.1] }).intersection(small.edges.map { [$0.0, $0.1] }).count
        #expect((255..<290).contains(kept))
        #expect(small.train.count == 48 && small.validation.count + small.test.count == 52)
        #expect(Set(small.train + small.validation + small.test).count == 100 && small.classCount == 4)
        let again = try SmallWorlds.graph(nodes: 100, neighbors: 6, rewiring: 0.1, seed: 1)
        #expect(again.features == small.features && again.edges.elementsEqual(small.edges) { $0 == $1 })
        #expect(try SmallWorlds.graph(nodes: 4, neighbors: 2, rewiring: 1, classes: 2, seed: 1).edges.count == 4)
        for (nodes, neighbors, rewiring) in [(3, 2, 0.1), (10, 3, 0.1), (10, 10, 0.1), (10, 4, 1.5), (10, 4, .nan)] {
            #expect(
                refusal { _ = try SmallWorlds.graph(nodes: nodes, neighbors: neighbors, rewiring: rewiring, seed: 1) }
                    != nil)
        }
    }

    @Test func sequencesHoldTheirAnswers() throws {
        let copy = try SequenceTasks.copy(count: 5, length: 3, symbols: 4, delay: 2, seed: 1)
        let batch = try #require(try copy.pipeline.batch(5).elements().first)
        let inputs = try batch.inputs.rows().map { try $0.array(of: Int.self) }
        let targets = try batch.targets.rows().map { try $0.array(of: Int.self) }
        for (input, target) in zip(inputs, targets) {
            #expect(input[..<3].allSatisfy { (1...4).contains($0) } && Array(input[3...]) == [0, 0, 5, 0, 0])
            #expect(target[..<5].allSatisfy { $0 == 0 } && Array(target[5...]) == Array(input[..<3]))
        }
        let recall = try SequenceTasks.recall(count: 20, pairs: 3, keys: 5, values: 7, seed: 2)
        for index in 0..<20 {
            let row: [Int] = try recall.input(at: index).array()
            let place = try #require(stride(from: 0, to: 6, by: 2).first { row[$0] == row[6] })
            #expect(row[place + 1] == recall.label(at: index) && Set([row[0], row[2], row[4]]).count == 3)
        }
        let sines = try SequenceTasks.sines(count: 3, length: 20, ahead: 4, noise: 0, seed: 1)
        #expect(sines.inputShape == [20, 1] && sines.targetShape == [4, 1])
        #expect(try values(sines).allSatisfy { abs($0) <= 1 })
        #expect(refusal { _ = try SequenceTasks.recall(count: 1, pairs: 3, keys: 2, seed: 1) } != nil)
        #expect(refusal { _ = try SequenceTasks.copy(count: 1, length: 0, seed: 1) } != nil)
    }

    @Test func shapesHaveBoxesAndMasks() throws {
        let scenes = try ShapeScenes(count: 12, size: 32, seed: 4)
        for index in 0..<12 {
            let scene = try scenes.sample(at: index)
            let mask = try #require(scene.mask)
            #expect((1...3).contains(scene.objects.count) && scene.image.width == 32)
            // The last shape lies on top: its mask fills its box.
            let last = try #require(scene.objects.last)
            let inside = (0..<1024).filter { pixel in
                let (x, y) = (Double(pixel % 32) + 0.5, Double(pixel / 32) + 0.5)
                return mask.pixels[pixel] == UInt8(last.label + 1) && x > last.box.left && x < last.box.right
                    && y > last.box.top && y < last.box.bottom
            }
            let area = (last.box.right - last.box.left) * (last.box.bottom - last.box.top)
            #expect(Double(inside.count) >= 0.45 * area)
            #expect(try scenes.sample(at: index).image == scene.image)
        }
        let batch = try #require(try scenes.pipeline.batch(12).elements().first)
        #expect(batch.images.shape == [12, 32, 32, 3] && batch.count == 12)
        #expect(
            refusal { _ = try scenes.sample(at: 12) } != nil
                && refusal { _ = try ShapeScenes(count: 1, size: 5, seed: 1) } != nil)
    }
}
