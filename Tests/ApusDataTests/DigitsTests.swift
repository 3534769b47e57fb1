import ApusCore
import ApusData
import TestSupport
import Testing

@Suite struct DigitsTests {
    @Test func partsAreSplitAndBalanced() throws {
        let digits = try Digits.generate(count: 600, seed: 5)
        #expect(digits.train.count == 500 && digits.test.count == 100)
        #expect(digits.train.images.count == 500 * 784)
        for part in [digits.train, digits.test] {
            for digit in 0..<10 {
                #expect(part.labels.count { $0 == digit } == part.count / 10)
            }
        }
        #expect(try digits.test.imageArray().shape == [100, 28, 28, 1])
        // Not in the order of the digits.
        let orders = Set((0..<50).map { block in Array(digits.train.labels[10 * block..<10 * block + 10]) })
        #expect(orders.count > 45)
    }

    @Test func imagesDependOnSeedAndIndexAlone() throws {
        let many = try Digits.generate(count: 60, seed: 3)
        let few = Digits.draw(17..<19, seed: 3)
        #expect(few.images == Array(many.train.images[17 * 784..<19 * 784]))
        #expect(few.labels == Array(many.train.labels[17..<19]))
        #expect(try Digits.generate(count: 60, seed: 3).test == many.test)
        #expect(try Digits.generate(count: 60, seed: 4).train != many.train)
    }

    /// Pinned, so that a data set stays the data set that it was.
    @Test func imagesStayTheSame() throws {
        let digits = try Digits.generate(count: 1200, seed: 1)
        #expect(Array(digits.train.labels.prefix(10)) == [0, 5, 8, 4, 9, 2, 3, 6, 1, 7])
        #expect(CRC32.zip.checksum(digits.train.images) == 675_560_121)
    }

    @Test func inkLooksLikeWriting() throws {
        let digits = try Digits.generate(count: 1200, seed: 2)
        let size = 784
        for index in 0..<digits.train.count {
            let image = digits.train.images[index * size..<(index + 1) * size]
            let ink = image.reduce(0) { $0 + Int($1) } / size
            #expect((5...110).contains(ink), "image \(index) has mean \(ink)")
        }
        let scaled = digits.test.scaledImages()
        #expect(scaled.allSatisfy { $0 >= 0 && $0 <= 1 })
        #expect(try digits.train.image(at: 3).pixels == Array(digits.train.images[3 * size..<4 * size]))
    }

    @Test(arguments: [Int.min, -1, 0, 5, 10_000_001, .max])
    func impossibleCountsAreRefused(_ count: Int) {
        let error = refusal { _ = try Digits.generate(count: count) }
        #expect(
            error?.description
                == "digits: \(count) images are asked for; ask for 6 to 10000000, of which one in six is for testing")
    }

    @Test func indicesAreChecked() throws {
        let digits = try Digits.generate(count: 12)
        for index in [-1, 10, Int.max] {
            let error = refusal { _ = try digits.train.image(at: index) }
            #expect(error?.problem == "image \(index) is asked for, but there are 10")
        }
    }

    /// A linear model learns something and a model of means a little: the task is neither trivial nor noise.
    @Test func nearestMeanIsNotEnough() throws {
        let digits = try Digits.generate(count: 6000, seed: 1)
        let size = 784
        var means = [[Float]](repeating: [Float](repeating: 0, count: size), count: 10)
        for (index, label) in digits.train.labels.enumerated() {
            for pixel in 0..<size { means[Int(label)][pixel] += Float(digits.train.images[index * size + pixel]) / 500 }
        }
        var right = 0
        for (index, label) in digits.test.labels.enumerated() {
            let distances = means.map { mean in
                (0..<size).reduce(Float(0)) { sum, pixel in
                    let difference = mean[pixel] - Float(digits.test.images[index * size + pixel])
                    return sum + difference * difference
                }
            }
            if distances.indices.min(by: { distances[$0] < distances[$1] }) == Int(label) { right += 1 }
        }
        let accuracy = Double(right) / Double(digits.test.count)
        #expect((0.4...0.8).contains(accuracy), "accuracy \(accuracy)")
    }
}
