import com.aliyun.mns.client.CloudQueue;
import com.aliyun.mns.client.MNSClient;
import com.aliyun.mns.client.MNSClientBuilder;
import com.aliyuncs.CommonRequest;
import com.aliyuncs.DefaultAcsClient;
import com.aliyuncs.http.MethodType;
import com.aliyuncs.http.ProtocolType;
import com.aliyuncs.profile.DefaultProfile;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;

/** Asks for queue tokens as the Dybase SDK does, over its own core, and opens queues with them. */
final class Tokens {
  static final String URL = System.getenv("CHASQUI");
  static final String ENDPOINT = URL.replaceFirst("^https?://", "");
  static final String ACCOUNT = System.getenv("ACCOUNT");
  static final String KEY_ID = System.getenv("KEY_ID");
  static final String KEY_SECRET = System.getenv("KEY_SECRET");

  private Tokens() {}

  static String queueOf(String type) {
    return "Alicom-Queue-" + ACCOUNT + "-" + type;
  }

  static JsonObject ask(String type, String secret) throws Exception {
    CommonRequest request = new CommonRequest();
    request.setSysProtocol(ProtocolType.HTTP);
    request.setSysMethod(MethodType.POST);
    request.setSysDomain(ENDPOINT);
    request.setSysVersion("2017-05-25");
    request.setSysAction("QueryTokenForMnsQueue");
    request.putQueryParameter("MessageType", type);
    request.putQueryParameter("QueueName", queueOf(type));
    DefaultAcsClient client = new DefaultAcsClient(DefaultProfile.getProfile("cn-hangzhou", KEY_ID, secret));
    String answer = client.getCommonResponse(request).getData();
    return JsonParser.parseString(answer).getAsJsonObject().getAsJsonObject("MessageTokenDTO");
  }

  static MNSClient open(JsonObject token) {
    return MNSClientBuilder.create()
        .accountEndpoint(URL)
        .region("cn-hangzhou")
        .accessKeyId(token.get("AccessKeyId").getAsString())
        .accessKeySecret(token.get("AccessKeySecret").getAsString())
        .securityToken(token.get("SecurityToken").getAsString())
        .build();
  }

  static CloudQueue queue(MNSClient client, String type) {
    return client.getQueueRef(queueOf(type));
  }
}
