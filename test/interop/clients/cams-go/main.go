// An application of the cloud in Go, over the unmodified core of the cams-20200606 SDK: send, mass send, template, webhook
// settings, token, pull. Each step prints one line; steps build on each other, and all are tried whatever became of one.
package main

import (
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"strings"
	"time"

	openapi "github.com/alibabacloud-go/darabonba-openapi/v2/client"
	util "github.com/alibabacloud-go/tea-utils/v2/service"
	"github.com/alibabacloud-go/tea/tea"
	mns "github.com/aliyun/aliyun-mns-go-sdk"
	"github.com/valyala/fasthttp"
)

const number = "15550100001"

var (
	endpoint = strings.TrimPrefix(os.Getenv("CHASQUI"), "http://")
	keyID    = os.Getenv("KEY_ID")
	secret   = os.Getenv("KEY_SECRET")
	queue    = "Alicom-Queue-" + os.Getenv("ACCOUNT") + "-ChatAppStatus"
)

type values = map[string]string

type round struct {
	ids      map[string]bool
	template string
	token    map[string]string
}

// call makes a call as the typed client does, which puts what it is given into the query.
func call(secret, version, action string, query values) (map[string]any, error) {
	client, err := openapi.NewClient(&openapi.Config{
		AccessKeyId: tea.String(keyID), AccessKeySecret: tea.String(secret),
		Endpoint: tea.String(endpoint), Protocol: tea.String("HTTP"),
	})
	if err != nil {
		return nil, err
	}
	params := &openapi.Params{
		Action: tea.String(action), Version: tea.String(version), Protocol: tea.String("HTTP"),
		Pathname: tea.String("/"), Method: tea.String("POST"), AuthType: tea.String("AK"),
		Style: tea.String("RPC"), ReqBodyType: tea.String("formData"), BodyType: tea.String("json"),
	}
	request := &openapi.OpenApiRequest{Query: map[string]*string{}}
	for name, value := range query {
		request.Query[name] = tea.String(value)
	}
	answer, err := client.CallApi(params, request, &util.RuntimeOptions{})
	if err != nil {
		return nil, err
	}
	body, _ := answer["body"].(map[string]any)
	return body, nil
}

func cams(action string, query values, code string) (map[string]any, error) {
	body, err := call(secret, "2020-06-06", action, query)
	if err != nil {
		return nil, err
	}
	if body["Code"] != code {
		return nil, fmt.Errorf("the code is not %s: %v", code, body)
	}
	return body, nil
}

func (r *round) settings() error {
	_, err := cams("UpdatePhoneWebhook", values{"CustSpaceId": "sandbox", "PhoneNumber": number, "QueueFlag": "Y"}, "OK")
	return err
}

func message(to, content string) values {
	return values{
		"ChannelType": "whatsapp", "Type": "message", "MessageType": "text", "From": number, "To": to, "Content": content,
	}
}

func (r *round) send() error {
	body, err := cams("SendChatappMessage", message("15550002220", `{"text":"hello 你好 + 100% *~"}`), "OK")
	if err == nil {
		r.ids[fmt.Sprint(body["MessageId"])] = true
	}
	return err
}

func (r *round) refuse() error {
	_, err := cams("SendChatappMessage", message("+1555", "{}"), "InvalidParameter.ToOnlyNumeric")
	return err
}

func (r *round) makeTemplate() error {
	made, err := cams("CreateChatappTemplate", values{
		"Name": fmt.Sprintf("hello_go_%d", os.Getpid()), "Language": "en", "Category": "UTILITY",
		"TemplateType": "WHATSAPP", "CustSpaceId": "sandbox", "Components": `[{"Type":"BODY","Text":"Hello $(name)"}]`,
	}, "OK")
	if err != nil {
		return err
	}
	data, _ := made["Data"].(map[string]any)
	r.template = fmt.Sprint(data["TemplateCode"])
	for range 100 {
		detail, err := cams("GetChatappTemplateDetail", values{
			"TemplateCode": r.template, "Language": "en", "CustSpaceId": "sandbox",
		}, "OK")
		if err != nil {
			return err
		}
		if data, _ := detail["Data"].(map[string]any); data["AuditStatus"] == "pass" {
			return nil
		}
		time.Sleep(100 * time.Millisecond)
	}
	return errors.New("the template has not passed its review")
}

func (r *round) massSend() error {
	// What becomes of these is silence, by their last digit: the queue is left to the others.
	recipients := make([]map[string]any, 1000)
	for n := range recipients {
		recipients[n] = map[string]any{"To": fmt.Sprintf("15552%03d4", n), "TemplateParams": values{"name": "Bob"}}
	}
	list, _ := json.Marshal(recipients)
	_, err := cams("SendChatappMassMessage", values{
		"ChannelType": "whatsapp", "From": number, "Language": "en", "TemplateCode": r.template, "SenderList": string(list),
	}, "OK")
	return err
}

func (r *round) askForAToken() error {
	body, err := call(secret, "2017-05-25", "QueryTokenForMnsQueue", values{"MessageType": "ChatAppStatus", "QueueName": queue})
	if err != nil {
		return err
	}
	token, _ := body["MessageTokenDTO"].(map[string]any)
	for name, value := range token {
		r.token[name] = fmt.Sprint(value)
	}
	return nil
}

// loopback leads the cloud's host name, which the SDK insists on, to the service under test.
type loopback struct{ client *fasthttp.HostClient }

func (l loopback) RoundTrip(_ *fasthttp.HostClient, request *fasthttp.Request, response *fasthttp.Response) (bool, error) {
	return false, l.client.Do(request, response)
}

func (r *round) pull() error {
	client := mns.NewAliMNSClientWithConfig(mns.AliMNSClientConfig{
		EndPoint:    "http://1001.mns.cn-hangzhou.aliyuncs.com",
		AccessKeyId: r.token["AccessKeyId"], AccessKeySecret: r.token["AccessKeySecret"], Token: r.token["SecurityToken"],
	})
	client.SetTransport(loopback{&fasthttp.HostClient{Addr: endpoint, ReadTimeout: 40 * time.Second}})
	source := mns.NewMNSQueue(queue, client)
	wanted := map[string]bool{}
	for id := range r.ids {
		for _, status := range []string{"Sent", "Delivered", "Read"} {
			wanted[id+" "+status] = true
		}
	}
	end := time.Now().Add(time.Minute)
	for len(wanted) > 0 {
		if time.Now().After(end) {
			return fmt.Errorf("these statuses do not come: %v", wanted)
		}
		answers, faults := make(chan mns.BatchMessageReceiveResponse, 1), make(chan error, 1)
		source.BatchReceiveMessage(answers, faults, 16, 2)
		select {
		case batch := <-answers:
			for _, one := range batch.Messages {
				var receipt struct{ MessageId, Status string }
				text, err := base64.StdEncoding.DecodeString(one.MessageBody)
				if err != nil {
					return err
				}
				if err := json.Unmarshal(text, &receipt); err != nil {
					return err
				}
				delete(wanted, receipt.MessageId+" "+receipt.Status)
				if err := source.DeleteMessage(one.ReceiptHandle); err != nil {
					return err
				}
			}
		case err := <-faults:
			if !mns.ERR_MNS_MESSAGE_NOT_EXIST.IsEqual(err) {
				return err
			}
		}
	}
	return nil
}

func (r *round) wrongKey() error {
	_, err := call("wrong", "2020-06-06", "ListChatappTemplate", values{})
	var refusal *tea.SDKError
	if errors.As(err, &refusal) && tea.StringValue(refusal.Code) == "SignatureDoesNotMatch" {
		return nil
	}
	if err != nil && strings.Contains(err.Error(), "SignatureDoesNotMatch") {
		return nil
	}
	return fmt.Errorf("a wrong key is not refused as it should be: %v", err)
}

func main() {
	fmt.Println("version darabonba-openapi 2.1.7")
	r := &round{ids: map[string]bool{}, token: map[string]string{}}
	failed := false
	for _, step := range []struct {
		name string
		run  func() error
	}{
		{"settings", r.settings}, {"send", r.send}, {"refuse", r.refuse}, {"template", r.makeTemplate},
		{"massSend", r.massSend}, {"token", r.askForAToken}, {"pull", r.pull}, {"wrongKey", r.wrongKey},
	} {
		if err := step.run(); err != nil {
			failed = true
			fmt.Printf("failed %s: %v\n", step.name, err)
			continue
		}
		fmt.Println("ok " + step.name)
	}
	if failed {
		os.Exit(1)
	}
}
