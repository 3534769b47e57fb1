import ApusCore

/// Figures of classification. Quotients whose denominator is 0 are 0 (scikit-learn's convention), so that an absent class
/// pulls a macro average down.
extension ConfusionMatrix {
    /// A quotient of outcomes, averaged.
    func ratio(
        _ average: Average, of fraction: (Outcomes) -> (numerator: Double, denominator: Double)
    ) -> [Double] {
        func quotient(_ parts: (numerator: Double, denominator: Double)) -> Double {
            parts.denominator == 0 ? 0 : parts.numerator / parts.denominator
        }
        let outcomes = outcomes
        switch average {
        case .automatic:
            return ratio(classes == 2 ? .binary : .macro, of: fraction)
        case .binary:
            return [outcomes.count > 1 ? quotient(fraction(outcomes[1])) : 0]
        case .perClass:
            return outcomes.map { quotient(fraction($0)) }
        case .macro:
            return [outcomes.reduce(0) { $0 + quotient(fraction($1)) } / Double(max(outcomes.count, 1))]
        case .weighted:
            let support = outcomes.reduce(0) { $0 + $1.support }
            return [
                support == 0 ? 0 : outcomes.reduce(0) { $0 + $1.support * quotient(fraction($1)) } / support
            ]
        case .micro:
            let sums = outcomes.map(fraction).reduce((0.0, 0.0)) { ($0.0 + $1.numerator, $0.1 + $1.denominator) }
            return [quotient((sums.0, sums.1))]
        }
    }

    /// The share of right predictions.
    public var accuracy: Double { hits / total }

    /// The share of right predictions among those of a class: `tp / (tp + fp)`.
    public func precision(_ average: Average = .automatic) -> [Double] {
        ratio(average) { ($0.truePositives, $0.truePositives + $0.falsePositives) }
    }

    /// The share of a class that was found: `tp / (tp + fn)`.
    public func recall(_ average: Average = .automatic) -> [Double] {
        ratio(average) { ($0.truePositives, $0.support) }
    }

    /// The share of the others that were not taken for a class: `tn / (tn + fp)`.
    public func specificity(_ average: Average = .automatic) -> [Double] {
        ratio(average) { ($0.trueNegatives, $0.trueNegatives + $0.falsePositives) }
    }

    /// The share of right predictions among those of other classes: `tn / (tn + fn)`.
    public func negativePredictiveValue(_ average: Average = .automatic) -> [Double] {
        ratio(average) { ($0.trueNegatives, $0.trueNegatives + $0.falseNegatives) }
    }

    /// The weighted harmonic mean of precision and recall: `(1 + beta^2) P R / (beta^2 P + R)`.
    public func fBeta(_ beta: Double = 1, _ average: Average = .automatic) -> [Double] {
        let square = beta * beta
        return ratio(average) {
            let hits = (1 + square) * $0.truePositives
            return (hits, hits + square * $0.falseNegatives + $0.falsePositives)
        }
    }

    /// The harmonic mean of precision and recall.
    public func f1(_ average: Average = .automatic) -> [Double] { fBeta(1, average) }

    /// Intersection over union (Jaccard index): `tp / (tp + fp + fn)`.
    public func intersectionOverUnion(_ average: Average = .automatic) -> [Double] {
        ratio(average) { ($0.truePositives, $0.truePositives + $0.falsePositives + $0.falseNegatives) }
    }

    /// The mean intersection over union of the classes that occur in targets or predictions.
    public var meanIntersectionOverUnion: Double {
        let occurring = outcomes.filter { $0.support + $0.falsePositives > 0 }
        let sum = occurring.reduce(0) {
            $0 + $1.truePositives / ($1.truePositives + $1.falsePositives + $1.falseNegatives)
        }
        return occurring.isEmpty ? 0 : sum / Double(occurring.count)
    }

    /// The mean recall of the classes that occur in the targets.
    public var balancedAccuracy: Double {
        let occurring = outcomes.filter { $0.support > 0 }
        return occurring.reduce(0) { $0 + $1.truePositives / $1.support } / Double(occurring.count)
    }

    /// How disagreements count in Cohen's kappa.
    public enum Disagreement: Sendable {
        /// All alike.
        case plain
        /// By the distance of the classes.
        case linear
        /// By its square.
        case quadratic
    }

    /// Cohen's kappa (1960): agreement beyond chance, 1 where all agree, 0 by chance.
    public func cohenKappa(_ disagreement: Disagreement = .plain) -> Double {
        let (rows, columns, total) = (rowSums, columnSums, total)
        var (observed, expected) = (0.0, 0.0)
        for row in 0..<classes {
            for column in 0..<classes {
                let distance = Double(abs(row - column))
                let weight: Double
                switch disagreement {
                case .plain: weight = distance == 0 ? 0 : 1
                case .linear: weight = distance
                case .quadratic: weight = distance * distance
                }
                observed += weight * self[row, column]
                expected += weight * rows[row] * columns[column] / total
            }
        }
        return expected == 0 ? 1 : 1 - observed / expected
    }

    /// The Matthews correlation coefficient, for any number of classes (Gorodkin, 2004); 0 where it is not defined.
    public var matthewsCorrelation: Double {
        let (rows, columns, total) = (rowSums, columnSums, total)
        let products = zip(rows, columns).reduce(0) { $0 + $1.0 * $1.1 }
        let covariance = hits * total - products
        let spread =
            (total * total - columns.reduce(0) { $0 + $1 * $1 }) * (total * total - rows.reduce(0) { $0 + $1 * $1 })
        return spread <= 0 ? 0 : covariance / spread.squareRoot()
    }
}
