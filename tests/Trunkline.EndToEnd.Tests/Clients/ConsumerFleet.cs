using System.Globalization;

namespace Trunkline.EndToEnd.Tests.Clients;

/// <summary>Consumers of one group in processes of their own, and all that any of them ever handled. Each handled message is a line: id, key, number.</summary>
internal sealed class ConsumerFleet(Func<ClientProgram?> start) : IDisposable
{
    private readonly List<ClientProgram> _all = [];
    private readonly List<ClientProgram> _living = [];

    public int Handled => _all.Sum(program => program.Lines.Count);

    public IEnumerable<string> HandledIds => _all.SelectMany(program => program.Lines).Select(line => line.Split(' ')[0]);

    public string Errors => string.Join('\n', _all.Select(program => program.Errors));

    /// <summary>Starts one more; skips the test where the language is not installed.</summary>
    public void Start()
    {
        var program = start();
        Assert.SkipWhen(program is null, "the language is not installed here: its consumer is not tried");
        _all.Add(program);
        _living.Add(program);
    }

    /// <summary>Kills the one that lives longest.</summary>
    public async Task KillOldestAsync(CancellationToken cancellationToken)
    {
        var oldest = _living[0];
        _living.RemoveAt(0);
        Assert.False(oldest.HasEnded, $"The consumer ended by itself: {oldest.Errors}");
        await oldest.KillAsync(cancellationToken);
    }

    /// <summary>Stops all that live as asked, and checks that they did.</summary>
    public async Task StopAsync(CancellationToken cancellationToken)
    {
        foreach (var program in _living)
        {
            await program.StopAsync(cancellationToken);
            Assert.True(program.ExitCode == 0, $"Ended with {program.ExitCode}: {program.Errors}");
        }
    }

    /// <summary>Within each process the numbers of a key never go back.</summary>
    public void CheckOrder()
    {
        foreach (var program in _all)
        {
            var latest = new Dictionary<string, int>(StringComparer.Ordinal);
            foreach (var line in program.Lines)
            {
                var parts = line.Split(' ');
                var number = int.Parse(parts[2], CultureInfo.InvariantCulture);
                Assert.True(number >= latest.GetValueOrDefault(parts[1], -1), $"{parts[1]} went back to {number}.");
                latest[parts[1]] = number;
            }
        }
    }

    public void Dispose() => _all.ForEach(program => program.Dispose());
}
