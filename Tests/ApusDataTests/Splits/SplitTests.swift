import Apus
import TestSupport
import Testing

@Suite struct SplitTests {
    /// Exercise split-sizes-001p2a.
    @Test func sizesAndSharesAreThoseAskedFor() throws {
        let strata = (0..<5000).map { "\($0 % 20) \($0 / 20 % 5 < 2 ? "night" : "day")" }
        #expect(Set(strata).count == 40)
        for (fractions, sizes) in [([0.6, 0.2, 0.2], [3000, 1000, 1000]), ([0.8, 0.1, 0.1], [4000, 500, 500])] {
            for parts in [
                try Split.random(count: 5000, into: fractions, seed: 1),
                try Split.stratified(by: strata, into: fractions, seed: 1),
            ] {
                #expect(parts.map(\.count) == sizes)
                #expect(parts.flatMap { $0 }.sorted() == Array(0..<5000))
            }
            let parts = try Split.stratified(by: strata, into: fractions, seed: 1)
            for (part, fraction) in zip(parts, fractions) {
                for stratum in Set(strata) {
                    let all = strata.filter { $0 == stratum }.count
                    let here = part.filter { strata[$0] == stratum }.count
                    #expect(abs(Double(here) - fraction * Double(all)) < 1)
                }
            }
        }
        #expect(
            refusal { _ = try Split.random(count: 5000, into: [0.8, 0.2, 0.2], seed: 1) }?.description
                == "split: the shares [0.8, 0.2, 0.2] add up to 1.2; give shares from 0 to 1 that add up to 1, "
                + "such as 0.8, 0.1 and 0.1")
        #expect(refusal { _ = try Split.random(count: 5, into: [1.5, -0.5], seed: 1) } != nil)
        #expect(
            try Split.random(count: 9, into: [0.5, 0.5], seed: 1) != Split.random(count: 9, into: [0.5, 0.5], seed: 2))
    }

    @Test func smallStrataStillAddUp() throws {
        let strata = (0..<103).map { $0 % 37 }
        let parts = try Split.stratified(by: strata, into: [0.7, 0.2, 0.1], seed: 5)
        #expect(parts.flatMap { $0 }.sorted() == Array(0..<103))
        #expect(zip(parts, [72.1, 20.6, 10.3]).allSatisfy { abs(Double($0.count) - $1) <= 1 })
    }

    @Test func groupsStayTogetherAndTimeGoesForward() throws {
        let groups = (0..<200).map { $0 * 7 % 23 }
        let parts = try Split.grouped(by: groups, into: [0.6, 0.4], seed: 3)
        let sets = parts.map { Set($0.map { groups[$0] }) }
        #expect(sets[0].isDisjoint(with: sets[1]) && abs(parts[0].count - 120) < 9)
        let times = (0..<50).map { Double(($0 * 13) % 50 / 2) }
        let byTime = try Split.byTime(times, into: [0.5, 0.3, 0.2])
        let limits = byTime.map { part in (part.map { times[$0] }.min() ?? 0, part.map { times[$0] }.max() ?? 0) }
        #expect(limits[0].1 < limits[1].0 && limits[1].1 < limits[2].0)
        #expect(byTime.flatMap { $0 }.sorted() == Array(0..<50))
        #expect(refusal { _ = try Split.byTime([1, .nan], into: [0.5, 0.5]) } != nil)
    }

    /// Exercise kfold-001p8d.
    @Test func foldsHoldEachSampleOutOnce() throws {
        for (count, number, sizes) in [(10, 5, [2, 2, 2, 2, 2]), (11, 4, [3, 3, 3, 2])] {
            let folds = try Split.folds(count: count, number, seed: 1)
            #expect(folds.map(\.heldOut.count) == sizes)
            #expect(folds.flatMap(\.heldOut).sorted() == Array(0..<count))
            for fold in folds { #expect((fold.train + fold.heldOut).sorted() == Array(0..<count)) }
        }
        let labels = (0..<100).map { $0 < 80 ? 0 : 1 }
        for fold in try Split.folds(count: 100, 5, strata: labels, seed: 2) {
            #expect(fold.heldOut.filter { labels[$0] == 1 }.count == 4)
        }
        let groups = (0..<60).map { $0 / 5 }
        for fold in try Split.folds(groups: groups, 4, seed: 2) {
            #expect(Set(fold.train.map { groups[$0] }).isDisjoint(with: Set(fold.heldOut.map { groups[$0] })))
        }
        #expect(refusal { _ = try Split.folds(count: 3, 4, seed: 1) }?.problem == "4 folds of 3 samples")
        #expect(refusal { _ = try Split.folds(groups: [1, 1, 1], 2, seed: 1) }?.problem == "2 folds of 1 groups")
    }

    /// Exercise split-mixture-001p3.
    @Test func bridgesAreOfTheMixtureAndTestsOfTheTarget() throws {
        let origins = (0..<100_000).map { $0 < 20_000 ? SampleOrigin.target : .proxy }
        let mixed = try Split.stratified(by: origins, into: [0.9, 0.05, 0.05], seed: 1)
        #expect(mixed.map(\.count) == [90_000, 5000, 5000])
        #expect(Split.share(of: .target, in: mixed[1].map { origins[$0] }) == 0.2)
        let bridged = try BridgedSplit(origins: origins, bridge: 5000, validation: 5000, test: 5000, seed: 1)
        #expect(
            [bridged.train, bridged.bridge, bridged.validation, bridged.test].map(\.count) == [
                85_000, 5000, 5000, 5000,
            ])
        let shares = bridged.targetShares
        #expect(shares.validation == 1 && shares.test == 1)
        #expect(abs(shares.train - 1.0 / 9) < 1e-4 && abs(shares.bridge - 1.0 / 9) < 2e-4)
        let all = bridged.train + bridged.bridge + bridged.validation + bridged.test
        #expect(all.sorted() == Array(0..<100_000))
        let held = try BridgedSplit(origins: origins, bridge: 0, validation: 5000, test: 5000, seed: 1)
        #expect(held.train.count == 90_000 && abs(held.targetShares.train - 1.0 / 9) < 1e-9)
        #expect(
            refusal { _ = try BridgedSplit(origins: [.target, .proxy], bridge: 0, validation: 1, test: 1, seed: 1) }
                != nil)
    }

    /// Exercise error-decomposition-001p3.
    @Test func fourLossesTellWhatIsWrong() {
        func fault(_ train: Double, _ bridge: Double, _ validation: Double) -> ErrorDecomposition.Fault {
            ErrorDecomposition(train: train, bridge: bridge, validation: validation).mainFault(above: 0.2)
        }
        #expect(fault(0.1, 0.9, 0.9) == .variance && fault(0.1, 0.1, 0.9) == .dataMismatch)
        #expect(fault(0.9, 0.9, 0.9) == .bias && fault(0.1, 0.1, 0.1) == .none)
        let last = ErrorDecomposition(train: 0.1, bridge: 0.1, validation: 0.1, test: 0.8)
        #expect(last.mainFault(above: 0.2) == .overfittingToValidation)
    }

    @Test func partsOfDataSetsKeepTheirClasses() throws {
        let data = try DatasetTests.numbered(30)
        let parts = try data.split([0.5, 0.5], seed: 1)
        #expect(parts.map(\.count) == [15, 15] && parts.allSatisfy { $0.classCount == 3 })
        #expect(try data.select([4, 4, 0]).labels == [1, 1, 0] && data.select([0]).classCount == 3)
        #expect(refusal { _ = try data.select([30]) }?.problem == "sample 30 of 30")
    }

    @Test func duplicatesAreFoundAcrossSets() throws {
        let data = try DatasetTests.numbered(20)
        let (train, test) = (try data.select(Array(0..<12)), try data.select([15, 3, 16, 7]))
        let found = Duplicates(train, test)
        #expect(found.pairs.map(\.first) == [3, 7] && found.pairs.map(\.second) == [1, 3])
        #expect(Duplicates(train, try data.select([13])).pairs.isEmpty)
    }

    @Test func aSecondUseOfTheTestSetIsTold() throws {
        let folder = TemporaryFolder()
        let data = try DatasetTests.numbered(6)
        var ledger = try TestLedger(path: folder.file("uses.json"))
        #expect(try ledger.record(data, purpose: "first try") == nil)
        #expect(try ledger.record(data.select([1, 2]), purpose: "another set") == nil)
        var later = try TestLedger(path: folder.file("uses.json"))
        #expect(later.uses.count == 2)
        #expect(
            try later.record(data, purpose: "again")
                == "the test set numbered has been used 1 times before (last for \"first try\"): what is chosen by it "
                + "is no longer tested by it; use the validation set for choices")
    }
}
