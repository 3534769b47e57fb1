import Apus
import TestSupport
import Testing

@Suite struct SurfaceTests {
    @Test(arguments: TestSurface.all.indices) func minimaAreWhereTheyAreSaidToBe(_ index: Int) throws {
        let surface = TestSurface.all[index]
        #expect(surface.description != surface.name && surface.distance(from: surface.start) > 0)
        for minimum in surface.minima {
            let point = Tensor(minimum, shape: [minimum.count])
            let (value, slope) = valueAndGradient(at: point) { surface($0) }
            #expect(abs(try value.item() - surface.minimum) < 1e-9, "\(surface.name)")
            #expect(try slope.absolute().max().item() < 1e-6, "\(surface.name)")
            let curvatures: [Double] = try hessian(at: point) { surface($0) }.symmetricEigenvalues().array()
            #expect(curvatures.allSatisfy { $0 > 0.03 }, "\(surface.name)")
        }
        #expect(surface.minima.isEmpty == (surface.kind == .saddle))
        let point = Tensor(surface.start.map { $0 + 0.1 }, shape: [surface.start.count])
        try checkGradients(at: [point]) { surface($0[0]) }
    }

    @Test func valuesAreThoseOfTheFormulas() throws {
        func value(_ surface: TestSurface, _ x: [Double]) throws -> Double {
            try surface(Tensor(x, shape: [x.count])).item()
        }
        let rows: [(surface: TestSurface, point: [Double], height: Double)] = [
            (.bowl([1, 2, 3]), [1, 1, 2], 7.5), (.canyon(10), [2, 1], 7), (.booth, [0, 0], 74),
            (.matyas, [1, 2], 0.34), (.rosenbrock, [-1.2, 1], 24.2), (.beale, [1, 1], 14.203125),
            (.himmelblau, [0, 0], 170), (.saddle, [2, 3], -5), (.monkeySaddle, [2, 1], 2),
            (.threeHumpCamel, [1, 1], 2 - 1.05 + 1 / 6.0 + 2), (.rastrigin(dimensions: 3), [1, -1, 0.5], 22.25),
            (.styblinskiTang(dimensions: 1), [1], -5), (.plateau(dimensions: 1), [40], 1),
            (.cliff, [2, 0], 5.4), (.sharpAndFlat(), [0], 1 - 0.000335462627903),
        ]
        for (surface, point, height) in rows {
            #expect(abs(try value(surface, point) - height) < 1e-9, "\(surface.name)")
        }
        #expect(
            TestSurface.booth(Tensor.zeros([3])).error?.description
                == "surface booth: a point of shape [3]; give a point of shape [2]")
    }

    /// gd-oscillation-003q14, sharpness-000t50 and saddle-001p4c on the surfaces.
    @Test func descentsShowWhatSurfacesAreFor() throws {
        func end(_ surface: TestSurface, _ optimizer: Optimizer, _ steps: Int) throws -> [Double] {
            try #require(try surface.descend(optimizer, steps: steps).path.last)
        }
        let calm = try end(.canyon(), .sgd(learningRate: 0.019), 1)
        #expect(abs(calm[0] - 0.981) < 1e-12 && abs(calm[1] + 0.9) < 1e-12)
        let wild = try end(.canyon(), .sgd(learningRate: 0.021), 100)
        #expect(abs(wild[1]) > 1000)
        let ridge = try end(.saddle, .sgd(learningRate: 0.1), 60)
        #expect(ridge[1] == 0)
        // A perturbation leaves the ridge.
        let pushed = try TestSurface.saddle.descend(.sgd(learningRate: 0.1), steps: 60, perturbation: 1e-3, seed: 3)
        #expect(abs(try #require(pushed.path.last)[1]) > 1)
        // A rate that the flat well bears throws out of the sharp one.
        let flat = try TestSurface.sharpAndFlat().descend(.sgd(learningRate: 0.05), steps: 300)
        #expect(flat.distance < 1e-3 && flat.values.count == 300)
        let sharp = TestSurface.sharpAndFlat().starting(at: [3.95])
        #expect(try sharp.descend(.sgd(learningRate: 0.05), steps: 60).distance > 0.05)
        #expect(try sharp.descend(.sgd(learningRate: 0.005), steps: 60).distance < 1e-6)
        // One step at the wall goes far away; clipped gradients do not.
        let thrown = try end(.cliff, .sgd(learningRate: 0.5), 1)
        let clipped = try end(.cliff, .sgd(learningRate: 0.5).clipped(.norm(1)), 1)
        #expect(abs(thrown[0]) > 10 && abs(clipped[0]) < 1)
        // Where it is flat, only steps that do not follow the slope's size get on.
        let still = try TestSurface.plateau().descend(.sgd(learningRate: 0.1), steps: 60)
        let moving = try TestSurface.plateau().descend(.adam(learningRate: 0.1), steps: 60)
        #expect(still.distance > 4 && moving.distance < 1)
        #expect(try TestSurface.booth.descend(.adam(learningRate: 0.3), steps: 300).distance < 1e-2)
        for surface in [TestSurface.himmelblau, .rosenbrock, .beale] {
            let minimum = try minimize(Tensor(surface.start, shape: [2])) { surface($0) }
            let end: [Double] = try minimum.point.array()
            #expect(minimum.isConverged && surface.distance(from: end) < 1e-5, "\(surface.name)")
        }
    }

    /// How often the lowest of many minima is reached.
    @Test func momentumNoiseAndRestartsLeaveLocalMinima() throws {
        let waves = TestSurface(
            "waves", kind: .manyMinima, description: "x² / 2 + 0.6 (1 - cos 5x)", start: [3], minima: [[0]], minimum: 0
        ) { x in
            let bowl: Tensor = x.square() * 0.5
            return (bowl + (1 - (x * 5).cos()) * 0.6).sum()
        }
        let starts = stride(from: -3.37, through: 3.63, by: 0.5).map { $0 }
        func reached(_ optimizer: Optimizer, schedule: Schedule? = nil, noise: Double = 0) throws -> Int {
            try starts.enumerated().filter { number, start in
                try waves.starting(at: [start]).descend(
                    optimizer, steps: 150, schedule: schedule, noise: noise, seed: UInt64(number) * 10
                ).distance < 0.3
            }.count
        }
        #expect(try reached(.sgd(learningRate: 0.05)) == 3)
        #expect(try reached(.sgd(learningRate: 0.02, momentum: 0.9)) >= 6)
        // Noise as large as the slopes, and less of it as the rate falls.
        let falling = Schedule("falling") { 0.05 * max(0.01, 1 - $0 / 130) }
        #expect(try reached(.sgd(), schedule: falling, noise: 4) >= 6)
        // Each restart of the rate is long enough to leave a well.
        let restarts = Schedule("restarts") { $0.truncatingRemainder(dividingBy: 50) < 10 && $0 < 120 ? 0.3 : 0.05 }
        #expect(try reached(.sgd(), schedule: restarts) >= 5)
    }

    /// OPT-14: of 27 places on the camel's humps those from which the lowest of three wells is reached.
    @Test func moreDescentsEndInTheLowestOfThreeWells() throws {
        var starts: [[Double]] = []
        for column in 0..<9 { for row in -1...1 { starts.append([Double(column) / 2 - 2, Double(row) * 1.5]) } }
        func reached(_ optimizer: Optimizer, schedule: Schedule? = nil, noise: Double = 0) throws -> Int {
            try starts.enumerated().filter { number, start in
                try TestSurface.threeHumpCamel.starting(at: start).descend(
                    optimizer, steps: 120, schedule: schedule, noise: noise, seed: UInt64(number) * 10
                ).distance < 0.3
            }.count
        }
        let plain = try reached(.sgd(learningRate: 0.05))
        #expect(plain == 13)
        let momentum = try reached(.sgd(learningRate: 0.05, momentum: 0.95))
        let falling = Schedule("falling") { 0.15 * max(0.01, 1 - $0 / 105) }
        let noise = try reached(.sgd(), schedule: falling, noise: 2)
        let restarts = Schedule("restarts") { $0.truncatingRemainder(dividingBy: 40) < 6 && $0 < 110 ? 0.24 : 0.05 }
        let restarted = try reached(.sgd(), schedule: restarts)
        #expect(momentum >= 17 && noise >= 18 && restarted >= 18, "\(momentum) \(noise) \(restarted)")
    }

    @Test func mistakesAreNamed() {
        #expect(
            refusal { _ = try TestSurface.saddle.descend(.sgd(), steps: -1) }?.description
                == "surface saddle: -1 steps, noise 0.0, perturbation 0.0; use numbers of 0 or more")
        #expect(
            refusal {
                _ = try TestSurface("own", kind: .bowl, start: [1]) { $0.sum() }.descend(.sgd(), steps: 1, noise: .nan)
            }?
            .kind == .value)
        #expect(refusal { _ = try TestSurface.booth.starting(at: [1]).descend(.sgd(), steps: 1) }?.kind == .shape)
        #expect(TestSurface("own", kind: .bowl, start: [1]) { $0.sum() }.distance(from: [1]) == .infinity)
    }
}

@Suite struct ConvexityTests {
    @Test(arguments: TestSurface.all.indices) func surfacesAreConvexOrNot(_ index: Int) throws {
        let surface = TestSurface.all[index]
        let center = Tensor.zeros([surface.start.count], dtype: .float64)
        let check = try checkConvexity(around: center, radius: 4, samples: 20) { surface($0) }
        #expect(check.isConvex == surface.isConvex, "\(surface.name)")
        switch check.counterExample {
        case .chord(let from, let to, let share, let value, let chord):
            let ends = try [from, to].map { try surface(Tensor($0, shape: [$0.count])).item() }
            let between = zip(from, to).map { $0 * (1 - share) + $1 * share }
            let height = try surface(Tensor(between, shape: [between.count])).item()
            #expect(abs(height - value) < 1e-9 * max(1, abs(value)))
            #expect(abs(ends[0] * (1 - share) + ends[1] * share - chord) < 1e-9 * max(1, abs(chord)) && value > chord)
        case .curvature(let place, let direction, let value):
            let second: [Double] = try hessian(at: Tensor(place, shape: [place.count])) { surface($0) }.array()
            let count = place.count
            var bend = 0.0
            for i in 0..<count { for j in 0..<count { bend += direction[i] * direction[j] * second[i * count + j] } }
            #expect(abs(bend - value) < 1e-7 * max(1, abs(value)) && value < 0)
        case nil: #expect(check.chords == 20 && check.curvatures == 20)
        }
    }

    @Test func logisticRegressionIsConvexAndNetworksAreNot() throws {
        let x = try numbers([30, 3])
        let labels = (x.slice(axis: 1, 0..<1).squeezed(1) .> 0.1).cast(to: .int32)
        let logistic = Dense(2)
        let before = try { () -> [Double] in
            try logistic.build(inputShape: [30, 3], dtype: .float64, seed: 1)
            return try logistic.weight.value.array()
        }()
        let check = try checkConvexity(of: logistic, radius: 2, tolerance: 1e-9) { softmaxCrossEntropy($0(x), labels) }
        #expect(check.isConvex && check.chords == 20)
        #expect(try logistic.weight.value.array(of: Double.self) == before)
        let network = Sequential {
            Dense(4, activation: .tanh)
            Dense(2)
        }
        try network.build(inputShape: [30, 3], dtype: .float64, seed: 1)
        let found = try checkConvexity(of: network, radius: 2, tolerance: 1e-9) { softmaxCrossEntropy($0(x), labels) }
        #expect(!found.isConvex)
        let wide = Dense(20)
        try wide.build(inputShape: [30, 3], dtype: .float64, seed: 1)
        #expect(try checkConvexity(of: wide, samples: 3) { $0(x).square().mean() }.isConvex)
        #expect(try !checkConvexity(of: wide, samples: 3) { $0(x).square().mean() * -1 }.isConvex)
    }

    @Test func mistakesAreNamed() {
        let x = Tensor.zeros([2], dtype: .float64)
        #expect(
            refusal { _ = try checkConvexity(around: x, radius: 0) { $0.sum() } }?.description
                == "checkConvexity: a centre of shape [2] and type float64, radius 0.0, 50 samples, tolerance 1e-09; "
                + "give floating-point numbers, a radius above 0, 1...1000000 samples and a tolerance of 0 or more")
        #expect(
            refusal { _ = try checkConvexity(around: x) { $0 } }?.description
                == "checkConvexity: the function's result has shape [2], expected a scalar; "
                + "reduce it, for example with sum()")
        #expect(refusal { _ = try checkConvexity(around: Tensor([Int32(1)])) { $0 } }?.kind == .value)
    }
}
