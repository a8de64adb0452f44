using Trunkline.Core.Errors;
using Trunkline.Messaging.Topics;
using Trunkline.Server.Api.Problems;

namespace Trunkline.Server.Api;

/// <summary>Checks names that come in paths, before anything is looked up by them.</summary>
internal static class TopicNames
{
    public static void Check(string topic)
    {
        if (!TopicName.IsValid(topic))
        {
            throw new ProblemException(ErrorCodes.TopicNameInvalid, "The topic in the path breaks the rules for names.");
        }
    }

    public static void CheckWritable(string topic)
    {
        Check(topic);
        if (TopicName.IsInternal(topic))
        {
            throw new ProblemException(ErrorCodes.TopicInternal, $"Topic {topic} is the node's own.");
        }
    }
}
