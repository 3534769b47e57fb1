/// The umbrella: everything that users of Apus import.
@_exported import ApusCore
@_exported import ApusData
@_exported import ApusModels
@_exported import ApusNN
@_exported import ApusTraining
